//! Variables that an app requires: without them nothing is built or started.

use skep::{
    control::{self, apps::Change, variables::NewVariable},
    db,
    deploy::preview::preview,
    domain::{app::App, deployment::State, name::EnvKey, secret::Secret, step::Step, variable::Scope},
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

async fn require(world: &World, app: &App, names: &[&str]) -> App {
    let mut settings = app.settings.clone();
    settings.required = names.iter().map(|name| (*name).to_owned()).collect();
    let change = Change { settings: Some(settings), ..Change::default() };
    control::apps::configure(&world.cx, app.id, change).await.unwrap()
}

async fn set(world: &World, app: &App, key: &str, value: &str) {
    let new = NewVariable { key: EnvKey::parse(key).unwrap(), value: Secret::new(value), secret: true };
    control::variables::put_many(&world.cx, Scope::App(app.id), &[new]).await.unwrap();
}

db_test! {
    async fn all_that_are_missing_stop_it_before_anything_is_built(db: TestDb) {
        let world = World::new(db).await;
        let sample = "# copy me\nMODE=fast\nAPI_KEY=\nSENTRY_DSN=\n";
        let files = [("Dockerfile", "FROM scratch\n"), (".env.example", sample)];
        world.git.push(REPOSITORY, "main", "First", &files);
        let app = require(&world, &world.git_app("shop").await, &["API_KEY", "DB_URL", "EMPTY"]).await;
        set(&world, &app, "EMPTY", "").await;
        let failed = world.deploy(&app).await;
        let failure = failed.failure.unwrap();
        assert_eq!((failed.state, failure.step, failure.code.as_str()), (State::Failed, Step::Build, "variable_required"));
        assert_eq!(
            failure.message,
            "settings.required: needs the variable `API_KEY`: it is not set; needs the variable `DB_URL`: it is not \
             set; needs the variable `EMPTY`: it is empty"
        );
        assert_eq!(world.builder.builds(), 0);
        let told = preview(&world.parts, &app, &Default::default()).await.unwrap_err().to_string();
        assert_eq!(told, failure.message);
        let standing = control::variables::required(&world.cx, app.id).await.unwrap();
        let standing: Vec<_> = standing.iter().map(|(key, standing)| (key.as_str(), standing.name())).collect();
        assert_eq!(standing, [("API_KEY", "missing"), ("DB_URL", "missing"), ("EMPTY", "empty")]);

        for key in ["API_KEY", "DB_URL", "EMPTY"] {
            set(&world, &app, key, "s3t-s3t").await;
        }
        let live = world.deploy_live(&app).await;
        let mut tx = world.parts.db.read().await.unwrap();
        let lines = db::log::after(&mut tx, live.id, 0, 1000).await.unwrap();
        let warned: Vec<&str> = lines.iter().map(|l| l.line.as_str()).filter(|l| l.starts_with("Warning")).collect();
        assert_eq!(warned, ["Warning: .env.example names variables without a value that nobody set: SENTRY_DSN."]);
    }

    async fn names_are_checked_and_a_compose_app_is_stopped_alike(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", "services:\n  web: {image: 'registry.example.org/web:7'}\n").await;
        let mut settings = app.settings.clone();
        settings.required = vec!["A B".to_owned()];
        let change = Change { settings: Some(settings), ..Change::default() };
        let wrong = control::apps::configure(&world.cx, app.id, change).await.unwrap_err();
        assert!(format!("{wrong:?}").contains("settings.required[0]"), "{wrong:?}");
        let app = require(&world, &app, &["KEY"]).await;
        assert_eq!(world.deploy(&app).await.failure.unwrap().code, "variable_required");
        set(&world, &app, "KEY", "x").await;
        world.deploy_live(&app).await;
    }
}
