//! Variables as files: what the swarm gets of them, when tasks are replaced, and that nobody reads them.

use std::collections::BTreeSet;

use skep::{
    build::fake::Behaviour,
    control::{self, variables::NewVariable},
    db,
    domain::{
        app::App,
        deployment::{Deployment, State},
        id::DeploymentId,
        name::{EnvKey, SecretFileName},
        secret::Secret,
        variable::{Scope, SecretFile},
    },
    reconcile,
};
use skep_stack::models::{SecretSpec, TaskSpecContainerSpec};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

fn key(key: &str) -> EnvKey {
    EnvKey::parse(key).unwrap()
}

async fn set(world: &World, app: &App, name: &str, value: &str) {
    let new = NewVariable { key: key(name), value: Secret::new(value), secret: true };
    control::variables::put_many(&world.cx, Scope::App(app.id), &[new]).await.unwrap();
}

async fn as_file(world: &World, app: &App, name: &str, services: &[&str]) {
    let file = SecretFile {
        name: SecretFileName::parse(&name.to_lowercase()).unwrap(),
        services: services.iter().map(|service| (*service).to_owned()).collect::<BTreeSet<_>>(),
        owner: None,
    };
    control::variables::deliver(&world.cx, app.id, &key(name), Some(file)).await.unwrap();
}

async fn container(world: &World, app: &App, service: &str) -> TaskSpecContainerSpec {
    let observed = world.parts.engine.observe(&app.stack).await.unwrap();
    let name = if service.is_empty() { app.stack.clone() } else { format!("{}_{service}", app.stack) };
    observed.services[&name].spec.clone().unwrap().task_template.unwrap().container_spec.unwrap()
}

async fn secrets(world: &World, app: &App) -> Vec<SecretSpec> {
    let observed = world.parts.engine.observe(&app.stack).await.unwrap();
    observed.secrets.into_values().filter_map(|secret| secret.spec).collect()
}

/// The name of what is mounted.
fn mounted(container: &TaskSpecContainerSpec) -> Option<String> {
    container.secrets.as_ref()?.first()?.secret_name.clone()
}

/// Everything that is kept of a deployment in plain.
async fn kept(world: &World, id: DeploymentId) -> String {
    let mut tx = world.parts.db.read().await.unwrap();
    let lines = db::log::after(&mut tx, id, 0, 1000).await.unwrap();
    let lines: Vec<String> = lines.into_iter().map(|line| line.line).collect();
    let steps = db::step::list(&mut tx, id).await.unwrap();
    let deployment: Deployment = db::deployment::load(&mut tx, id).await.unwrap().unwrap();
    format!("{lines:?} {steps:?} {deployment:?}")
}

db_test! {
    async fn a_file_comes_as_a_secret_and_another_value_replaces_the_tasks(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        set(&world, &app, "PASSWORD", "hunter2-hunter2").await;
        set(&world, &app, "MODE", "plain-enough").await;
        as_file(&world, &app, "PASSWORD", &[]).await;
        let first = world.deploy_live(&app).await;
        let runs = container(&world, &app, "").await;
        assert_eq!(runs.env.clone().unwrap(), ["MODE=plain-enough", "PASSWORD_FILE=/run/secrets/password", "PORT=8080"]);
        let file = runs.secrets.as_ref().unwrap()[0].file.clone().unwrap();
        assert_eq!((file.name.as_deref(), file.mode), (Some("password"), Some(0o400)));
        let made = secrets(&world, &app).await;
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].data, None, "Swarm shows none again");
        let mut tx = world.parts.db.read().await.unwrap();
        let release = db::release::current(&mut tx, app.id).await.unwrap().unwrap();
        drop(tx);
        let spec = skep::deploy::plan::of_release(&world.parts, &release).await.unwrap();
        let data = spec.secrets[made[0].name.as_ref().unwrap()].data.clone();
        assert_eq!(data.as_deref(), Some("aHVudGVyMi1odW50ZXIy"), "byte for byte");
        assert_eq!(made[0].labels.as_ref().unwrap()[skep_stack::labels::APP], app.id.to_string());
        let told = kept(&world, first.id).await;
        assert!(told.contains("create secret") && !told.contains("hunter2") && !told.contains("aHVudGVyMi1odW50ZXIy"), "{told}");

        let before = world.engine.effects("update_service");
        world.deploy_live(&app).await;
        assert_eq!(world.engine.effects("update_service"), before, "the same value is the same object");
        set(&world, &app, "PASSWORD", "hunter3-hunter3").await;
        let plan = skep::deploy::preview::preview(&world.parts, &app, &BTreeSet::new()).await.unwrap();
        assert!(plan.restarts && !serde_json::to_string(&plan).unwrap().contains("hunter"));
        world.deploy_live(&app).await;
        let after = container(&world, &app, "").await;
        assert_ne!(mounted(&after), mounted(&runs));
        assert_eq!(world.engine.effects("update_service"), before + 1);

        // Back to the first release: its value, under its name.
        let mut tx = world.parts.db.read().await.unwrap();
        let releases = db::release::list(&mut tx, app.id, 100).await.unwrap();
        drop(tx);
        let oldest = releases.iter().find(|release| release.number == first.number).unwrap().id;
        control::deployments::rollback(&world.cx, app.id, Some(oldest), None).await.unwrap();
        world.drain().await;
        assert_eq!(mounted(&container(&world, &app, "").await), mounted(&runs));

        // In the environment again, and no file.
        control::variables::deliver(&world.cx, app.id, &key("PASSWORD"), None).await.unwrap();
        world.deploy_live(&app).await;
        let last = container(&world, &app, "").await;
        assert!(last.secrets.unwrap_or_default().is_empty());
        assert!(last.env.unwrap().contains(&"PASSWORD=hunter3-hunter3".to_owned()));
    }

    async fn what_no_release_has_any_more_is_cleared_away(db: TestDb) {
        let mut world = World::new(db).await;
        let mut instance = (*world.parts.instance).clone();
        instance.keep_releases = 2;
        world.parts.instance = std::sync::Arc::new(instance);
        world.cx.parts = world.parts.clone();
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        for value in ["one-value", "two-value", "three-value", "four-value"] {
            set(&world, &app, "PASSWORD", value).await;
            as_file(&world, &app, "PASSWORD", &[]).await;
            world.deploy_live(&app).await;
        }
        assert_eq!(secrets(&world, &app).await.len(), 4);
        reconcile::janitor_round(world.parts.clone()).await.unwrap();
        let left = secrets(&world, &app).await;
        assert!((1..=3).contains(&left.len()), "{}", left.len());
        let name = mounted(&container(&world, &app, "").await);
        assert!(left.iter().any(|secret| secret.name == name), "what runs keeps its own");
    }

    async fn services_of_a_compose_file_get_files_by_name_or_all(db: TestDb) {
        let world = World::new(db).await;
        let file = "services:\n  web:\n    image: registry.example.org/web:7\n    environment: [TOKEN, OTHER=1]\n  \
                    api:\n    image: registry.example.org/api:1\n    user: '1000'\n";
        let app = world.compose_app("shop", file).await;
        set(&world, &app, "TOKEN", "t0ken-t0ken").await;
        world.deploy_live(&app).await;
        assert_eq!(container(&world, &app, "web").await.env.unwrap(), ["OTHER=1", "TOKEN=t0ken-t0ken"]);
        as_file(&world, &app, "TOKEN", &["web"]).await;
        world.deploy_live(&app).await;
        let (web, api) = (container(&world, &app, "web").await, container(&world, &app, "api").await);
        assert_eq!(web.env.unwrap(), ["OTHER=1", "TOKEN_FILE=/run/secrets/token"]);
        assert!(web.secrets.is_some() && api.secrets.unwrap_or_default().is_empty());
        as_file(&world, &app, "TOKEN", &[]).await;
        world.deploy_live(&app).await;
        let api = container(&world, &app, "api").await;
        assert_eq!(api.secrets.unwrap()[0].file.as_ref().unwrap().uid.as_deref(), Some("1000"));
        as_file(&world, &app, "TOKEN", &["nobody"]).await;
        let failure = world.deploy(&app).await.failure.unwrap();
        assert!(failure.message.contains("variables.TOKEN") && failure.message.contains("api, web"), "{failure:?}");
    }

    async fn case_147_what_a_build_prints_and_says_last_is_masked_in_every_spelling(db: TestDb) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "First", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        set(&world, &app, "PASSWORD", "hunter2&hunter2").await;
        let basic = STANDARD.encode("someone:hunter2&hunter2");
        let words = format!("Basic {basic} hunter2%26hunter2 {} \u{1b}[1mhunter2&hunter2", hex::encode("hunter2&hunter2"));
        world.builder.behaves("FROM", Behaviour::Says(format!("{}{words}", "x".repeat(16_380))));
        let failed = world.deploy(&app).await;
        assert_eq!(failed.state, State::Failed);
        let told = kept(&world, failed.id).await;
        for part in ["hunter", "aHVudGVy", "h1bnRlc", "odW50ZX", &hex::encode("hunter2")] {
            assert!(!told.contains(part), "{part}: {told}");
        }
        assert!(told.contains("••••••"));
        assert!(failed.failure.unwrap().message.contains("••••••"));
    }
}
