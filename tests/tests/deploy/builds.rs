//! What the `build` section of a Compose file asks for, up to what the builder is told.

use skep::{
    build::Recipe,
    control,
    domain::{app::App, name::EnvKey, secret::Secret, variable::Scope},
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

const FILE: &str = "services:
  web:
    build:
      context: web
      additional_contexts: {shared: ./shared, base: 'service:base', os: 'docker-image://registry.example.org/os:1'}
      labels: {team: red}
      secrets: [{source: npm, target: token}]
      extra_hosts: ['git.test:10.0.0.1']
      network: none
      pull: true
  base: {build: {context: base, pull: true}}
  other: {image: 'registry.example.org/store:1'}
secrets: {npm: {environment: NPM}}
";

async fn push(world: &World, shared: &str) {
    let files = [
        ("compose.yaml", FILE),
        ("web/Dockerfile", "ARG V\nFROM base\nCOPY --from=shared /one /\n"),
        ("base/Dockerfile", "FROM scratch\n"),
        ("shared/one", shared),
    ];
    world.git.push(REPOSITORY, "main", shared, &files);
}

async fn app(world: &World) -> App {
    let app = world.compose_from_git("shop").await;
    push(world, "1").await;
    app
}

async fn set(world: &World, app: &App) {
    let new = control::variables::NewVariable {
        key: EnvKey::parse("NPM").unwrap(),
        value: Secret::new("t0ken"),
        secret: true,
    };
    control::variables::put_many(&world.cx, Scope::App(app.id), &[new]).await.unwrap();
}

fn of<'r>(recipes: &'r [Recipe], end: &str) -> &'r Recipe {
    recipes.iter().rfind(|recipe| recipe.context.ends_with(end)).unwrap()
}

db_test! {
    async fn contexts_are_images_that_are_there_before_who_begins_with_them(db: TestDb) {
        let world = World::new(db).await;
        let app = app(&world).await;
        let failure = world.deploy(&app).await.failure.unwrap();
        assert_eq!(failure.code, "secret_missing");
        assert!(failure.message.contains("the variable NPM is not set"), "{}", failure.message);
        set(&world, &app).await;
        world.deploy_live(&app).await;
        let recipes = world.builder.recipes();
        let order: Vec<_> = recipes.iter().map(|r| r.context.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(order, ["base", "shared", "web"]);
        let (base, shared, web) = (of(&recipes, "base"), of(&recipes, "shared"), of(&recipes, "web"));
        assert_eq!((shared.dockerfile.as_str(), shared.below), ("FROM scratch\nCOPY files/ /\n", "files"));
        let text = format!(
            "ARG V\nFROM {} AS base\nFROM registry.example.org/os:1 AS os\nFROM {} AS shared\nFROM base\n\
             COPY --from=shared /one /\n",
            base.tag, shared.tag
        );
        assert_eq!((&web.dockerfile, web.path.as_str()), (&text, "Dockerfile"));
        assert_eq!((web.own_labels["team"].as_str(), web.secrets["token"].expose()), ("red", "t0ken"));
        assert!(!web.pull, "the engine alone has what it begins with");
        assert_eq!((&web.hosts[..], web.offline, base.pull), (&["git.test:10.0.0.1".to_owned()][..], true, true));

        push(&world, "2").await;
        world.deploy_live(&app).await;
        let recipes = world.builder.recipes();
        assert_eq!(recipes.len(), 6, "the two for being pulled, and the folder");
        assert_ne!(of(&recipes, "shared").tag, of(&recipes[..3], "shared").tag);
    }

    async fn one_service_alone_brings_the_builds_that_it_begins_with(db: TestDb) {
        let world = World::new(db).await;
        let app = app(&world).await;
        set(&world, &app).await;
        world.deploy_live(&app).await;
        push(&world, "2").await;
        let services = vec!["web".to_owned()];
        control::deployments::create_part(&world.cx, app.id, None, None, services).await.unwrap();
        world.drain().await;
        let recipes = world.builder.recipes();
        assert!(recipes[3..].iter().any(|recipe| recipe.context.ends_with("base")), "{}", recipes.len());
        assert_eq!(recipes.last().unwrap().context.file_name().unwrap(), "web");
    }
}
