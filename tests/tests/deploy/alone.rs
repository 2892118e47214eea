//! Some services of a Compose app deployed alone: what is built, changed, proven and recorded.

use std::collections::BTreeSet;

use skep::{
    control::{self, Error, apps::Change},
    db,
    deploy::plan::Planned,
    domain::{
        app::App,
        deployment::{Deployment, State},
        name::Sha,
        step::Step,
    },
    reconcile::heads_round,
    swarm::{ImageFacts, fake::Behaviour},
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

const FILE: &str = "services:\n  web: {build: ./web}\n  worker: {build: ./worker}\n  \
                    store: {image: 'registry.example.org/store:1'}\n";

/// Pushes a version: its number is in the folders of both builds. The engine has all other images.
fn push(world: &World, version: &str, file: &str) -> Sha {
    for image in ["store:1", "store:2", "store:bad", "queue:1", "extra:1"] {
        let facts = ImageFacts { id: format!("sha256:{image}"), ..ImageFacts::default() };
        world.engine.add_image(&format!("registry.example.org/{image}"), facts);
    }
    let (web, worker) = (format!("web {version}"), format!("worker {version}"));
    let files = [
        ("compose.yaml", file),
        ("web/Dockerfile", "FROM scratch\n"),
        ("web/version", &web),
        ("worker/Dockerfile", "FROM scratch\n"),
        ("worker/version", &worker),
    ];
    world.git.push(REPOSITORY, "main", version, &files)
}

async fn queue(world: &World, app: &App, services: &[&str]) -> Result<Deployment, Error> {
    let services = services.iter().map(|name| (*name).to_owned()).collect();
    control::deployments::create_part(&world.cx, app.id, None, None, services).await
}

async fn deploy(world: &World, app: &App, services: &[&str]) -> Deployment {
    let queued = queue(world, app, services).await.unwrap();
    world.drain().await;
    world.deployment(queued.id).await
}

/// The image of each service that runs, by its name in the file.
async fn images(world: &World, app: &App) -> Vec<(String, String)> {
    let observed = world.parts.engine.observe(&app.stack).await.unwrap();
    let short = |name: &str| name.strip_prefix(&format!("{}_", app.stack)).unwrap().to_owned();
    let image = |spec: &skep_stack::models::ServiceSpec| {
        spec.task_template.clone().unwrap().container_spec.unwrap().image.unwrap()
    };
    observed.services.iter().map(|(name, s)| (short(name), image(s.spec.as_ref().unwrap()))).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn fields(error: Error) -> Vec<(String, String)> {
    match error {
        Error::Invalid(faults) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
        other => panic!("{other:?}"),
    }
}

fn code(error: Error) -> String {
    match error {
        Error::Conflict { code, .. } => code.to_string(),
        other => panic!("{other:?}"),
    }
}

db_test! {
    async fn one_service_is_updated_and_the_others_stay(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "1", FILE);
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        let first = images(&world, &app).await;
        push(&world, "2", &FILE.replace("store:1", "store:2"));
        let alone = deploy(&world, &app, &["web"]).await;
        assert_eq!((alone.state, &alone.services), (State::Live, &set(&["web"])), "{:?}", alone.failure);
        assert_eq!(world.builder.builds(), 3, "the other build is left alone");
        let second = images(&world, &app).await;
        let changed: Vec<_> = first.iter().zip(&second).filter(|(a, b)| a != b).map(|(a, _)| a.0.as_str()).collect();
        assert_eq!(changed, ["web"]);
        let mut tx = world.parts.db.read().await.unwrap();
        let steps = db::step::list(&mut tx, alone.id).await.unwrap();
        let release = db::release::current(&mut tx, app.id).await.unwrap().unwrap();
        drop(tx);
        let planned = steps.into_iter().find(|step| step.step == Step::Plan).unwrap().output.unwrap().0;
        let planned: Planned = serde_json::from_value(planned).unwrap();
        assert!(planned.lines.iter().all(|line| line.name.ends_with("_web")), "{:?}", planned.lines);
        assert_eq!(release.images.values().collect::<Vec<_>>(), second.iter().map(|(_, image)| image).collect::<Vec<_>>());

        // A plan of the whole app tells what still waits, and the whole app brings it.
        let plan = control::apps::plan(&world.cx, app.id, Vec::new()).await.unwrap();
        assert!(plan.actions.iter().any(|line| line.name.ends_with("_store")), "{:?}", plan.actions);
        assert!(plan.actions.iter().all(|line| !line.name.ends_with("_web")), "{:?}", plan.actions);
        world.deploy_live(&app).await;
        let third = images(&world, &app).await;
        assert!(third[0].1.contains("store:2") && third[1] == second[1] && third[2] != second[2], "{third:?}");
        control::deployments::rollback(&world.cx, app.id, Some(release.id), None).await.unwrap();
        world.drain().await;
        assert_eq!(images(&world, &app).await, second, "the mixture is returned to as it ran");
    }

    async fn what_it_needs_and_does_not_run_comes_along(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "1", FILE);
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        let more = "services:\n  web: {build: ./web, depends_on: [store, queue]}\n  worker: {build: ./worker}\n  \
                    store: {image: 'registry.example.org/store:2'}\n  queue: {image: 'registry.example.org/queue:1'}\n  \
                    extra: {image: 'registry.example.org/extra:1'}\n";
        push(&world, "2", more);
        assert_eq!(deploy(&world, &app, &["web"]).await.state, State::Live);
        let now = images(&world, &app).await;
        assert_eq!(now.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["queue", "store", "web", "worker"]);
        assert!(now[1].1.contains("store:1"), "what runs is not what was asked for: {now:?}");
        // Of an app that never ran: it, and what it needs.
        let app = world.compose_from_git("blog").await;
        let first = deploy(&world, &app, &["web"]).await;
        assert_eq!(first.state, State::Live, "{:?}", first.failure);
        let names: Vec<String> = images(&world, &app).await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["queue", "store", "web"]);
        assert_eq!(first.generation, 0, "the others still wait");
    }

    async fn a_broken_one_returns_and_others_prove_nothing(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "1", FILE);
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        let before = images(&world, &app).await;
        push(&world, "2", &FILE.replace("store:1", "store:bad"));
        world.engine.image_behaves("store:bad", Behaviour::CrashesAtStart);
        let broken = deploy(&world, &app, &["store"]).await;
        assert_eq!(broken.state, State::RolledBack, "{:?}", broken.failure);
        assert_eq!(images(&world, &app).await, before);
        assert_eq!(deploy(&world, &app, &["worker"]).await.state, State::Live);
        assert_eq!(images(&world, &app).await[..2], before[..2]);
    }

    async fn what_waits_loses_nothing(db: TestDb) {
        let world = World::new(db).await;
        let old = push(&world, "1", FILE);
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        push(&world, "2", FILE);
        let waiting = queue(&world, &app, &["web"]).await.unwrap();
        let both = queue(&world, &app, &["worker", "worker"]).await.unwrap();
        assert_eq!(both.services, set(&["web", "worker"]));
        assert_eq!(world.deployment(waiting.id).await.state, State::Superseded);
        let pinned = control::deployments::create_part(&world.cx, app.id, None, Some(old.clone()), vec!["store".into()]).await;
        assert_eq!(code(pinned.unwrap_err()), "waiting", "the others would go to another commit");
        let whole = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        assert!(whole.whole());
        let taken = queue(&world, &app, &["web"]).await.unwrap();
        assert!(taken.whole(), "the whole app waited");
        world.drain().await;
        assert_eq!(world.deployment(taken.id).await.state, State::Live);
        control::deployments::rollback(&world.cx, app.id, None, None).await.unwrap();
        assert_eq!(code(queue(&world, &app, &["web"]).await.unwrap_err()), "waiting");
    }

    async fn the_poller_still_brings_the_others_and_what_was_set_still_waits(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "1", FILE);
        let app = world.compose_from_git("shop").await;
        let first = world.deploy_live(&app).await;
        push(&world, "2", FILE);
        control::apps::configure(&world.cx, app.id, Change { auto_deploy: Some(true), ..Change::default() }).await.unwrap();
        let alone = deploy(&world, &app, &["web"]).await;
        assert_eq!((alone.state, alone.generation), (State::Live, first.generation));
        heads_round(world.parts.clone()).await.unwrap();
        world.drain().await;
        let newest = control::deployments::list(&world.cx, app.id, None, 1).await.unwrap().remove(0);
        assert!(newest.number > alone.number && newest.whole() && newest.state == State::Live, "{newest:?}");
        heads_round(world.parts.clone()).await.unwrap();
        assert_eq!(control::deployments::list(&world.cx, app.id, None, 1).await.unwrap()[0].number, newest.number);
    }

    async fn what_is_no_service_is_refused_at_its_field(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "1", FILE);
        let app = world.compose_from_git("shop").await;
        let wrong = queue(&world, &app, &["web", "../x", ""]).await.unwrap_err();
        let unknown = |i: usize| (format!("services[{i}]"), "unknown_service".to_owned());
        assert_eq!(fields(wrong), [unknown(1), unknown(2)]);
        let failure = deploy(&world, &app, &["none"]).await.failure.unwrap();
        assert_eq!((failure.step, failure.code.as_str()), (Step::Build, "unknown_service"));
        assert!(failure.message.contains("store, web, worker"), "{failure:?}");
        world.deploy_live(&app).await;
        assert_eq!(fields(queue(&world, &app, &["web", "none"]).await.unwrap_err()), [unknown(1)]);
        control::lifecycle::stop(&world.cx, app.id).await.unwrap();
        world.drain().await;
        assert_eq!(code(queue(&world, &app, &["web"]).await.unwrap_err()), "stopped");
        let single = world.image_app("blog", "registry.example.org/blog:1").await;
        world.deploy_live(&single).await;
        assert_eq!(fields(queue(&world, &single, &["web"]).await.unwrap_err()), [unknown(0)]);
        assert!(queue(&world, &single, &["blog"]).await.unwrap().whole());
    }
}
