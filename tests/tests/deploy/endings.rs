//! How deployments end: live, failed, returned; and that what is unchanged is left alone.

use skep::{
    control, db,
    domain::{deployment::State, step::Step, variable::Scope},
    swarm::{Engine as _, ImageFacts, LogLine, fake::Behaviour},
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

db_test! {
    async fn a_commit_becomes_live_and_is_recorded(db: TestDb) {
        let world = World::new(db).await;
        let sha = world.git.push(REPOSITORY, "main", "First\n\nbody", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let deployment = world.deploy_live(&app).await;
        assert_eq!(deployment.commit.as_ref(), Some(&sha));
        let steps = control::deployments::steps(&world.cx, deployment.id).await.unwrap();
        let done: Vec<Step> = steps.iter().filter(|s| s.finished_at.is_some()).map(|s| s.step).collect();
        assert_eq!(done, Step::ALL.into_iter().filter(|step| !step.of_trial()).collect::<Vec<_>>());
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        assert_eq!((releases.len(), releases[0].number), (1, 1));
        assert_eq!(world.builder.builds(), 1);
    }

    async fn an_unchanged_app_is_not_touched_again(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        let before = world.engine.effects("update_service") + world.engine.effects("create_service");
        assert_eq!(before, 1);
        let again = world.deploy_live(&app).await;
        assert_eq!(again.number, 2);
        assert_eq!(world.engine.effects("update_service") + world.engine.effects("create_service"), before);
    }

    async fn fault_10_a_version_that_crashes_leaves_the_old_one_serving(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        world.engine.image_behaves("shop:2", Behaviour::CrashesAtStart);
        world.engine.add_image("registry.example.org/shop:2", ImageFacts { id: "sha256:2".to_owned(), ..ImageFacts::default() });
        world.engine.add_log(LogLine {
            at: None, service: app.stack.clone(), task: None, stderr: true, line: "cannot open the shop".to_owned(),
        });
        let broken = change_image(&world, &app, "registry.example.org/shop:2").await;
        let deployment = world.deploy(&broken).await;
        assert_eq!(deployment.state, State::RolledBack, "{:?}", deployment.failure);
        let failure = deployment.failure.unwrap();
        assert_eq!(failure.code, "unhealthy");
        assert!(failure.log_tail.iter().any(|line| line.contains("cannot open the shop")), "{failure:?}");
        let live = live(&world, &app).await;
        assert_eq!(live.map(|d| d.number), Some(1));
    }

    async fn addresses_that_a_removed_network_has_for_a_moment_fail_no_deployment(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.engine.image_behaves("shop:1", Behaviour::AddressesTaken(40));
        world.deploy_live(&app).await;
        let tasks = world.engine.tasks(&app.stack).await.unwrap();
        let refused = tasks.iter().filter(|task| task.state == "rejected").count();
        assert!(refused >= 3, "as many as fail a deployment otherwise: {tasks:#?}");
    }

    async fn fault_10_never_healthy_and_dying_within_the_monitor_time_return(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        for (i, behaviour) in [Behaviour::NeverHealthy, Behaviour::HealthyThenDies, Behaviour::MissingImage].into_iter().enumerate() {
            let image = format!("registry.example.org/shop:bad{i}");
            world.engine.image_behaves(&image, behaviour);
            world.engine.add_image(&image, ImageFacts { id: format!("sha256:bad{i}"), ..ImageFacts::default() });
            let broken = change_image(&world, &app, &image).await;
            let deployment = world.deploy(&broken).await;
            assert_eq!(deployment.state, State::RolledBack, "{behaviour:?}: {:?}", deployment.failure);
            let message = deployment.failure.unwrap().message;
            let checked = message.contains("its health check failed: http 8080: status 404");
            assert_eq!(checked, behaviour == Behaviour::NeverHealthy, "{behaviour:?}: {message}");
        }
        assert_eq!(live(&world, &app).await.map(|d| d.number), Some(1));
    }

    async fn a_first_version_that_crashes_leaves_nothing_behind(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.engine.image_behaves("shop:1", Behaviour::CrashesAtStart);
        let deployment = world.deploy(&app).await;
        assert_eq!(deployment.state, State::Failed);
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        assert!(observed.services.is_empty(), "no service is left to crash for ever");
    }

    async fn a_release_is_returned_to_as_it_was(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        set(&world, &app, "COLOUR", "red").await;
        world.deploy_live(&app).await;
        set(&world, &app, "COLOUR", "blue").await;
        world.deploy_live(&app).await;
        let back = control::deployments::rollback(&world.cx, app.id, None, Some("red was better".to_owned())).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(back.id).await.state, State::Live);
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        let spec = observed.services[&app.stack].spec.clone().unwrap();
        let env = spec.task_template.unwrap().container_spec.unwrap().env.unwrap();
        assert!(env.contains(&"COLOUR=red".to_owned()), "{env:?}");
    }

    async fn a_compose_file_becomes_live_in_the_order_of_its_needs(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", COMPOSE).await;
        set(&world, &app, "TAG", "7").await;
        world.deploy_live(&app).await;
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        let names: Vec<&String> = observed.services.keys().collect();
        assert_eq!(names, [&format!("{}_api", app.stack), &format!("{}_web", app.stack)]);
        let effects = world.engine.effects("update_service") + world.engine.effects("create_service");
        world.deploy_live(&app).await;
        assert_eq!(world.engine.effects("update_service") + world.engine.effects("create_service"), effects);
    }

    async fn an_unknown_reference_stops_before_anything_is_touched(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        set(&world, &app, "URL", "${{project.NOPE}}").await;
        let deployment = world.deploy(&app).await;
        assert_eq!(deployment.state, State::Failed);
        let failure = deployment.failure.unwrap();
        assert_eq!((failure.step, failure.code.as_str()), (Step::Plan, "unknown_reference"));
        assert_eq!(world.engine.effects("create_service"), 0);
    }

    async fn fault_29_an_engine_that_is_away_is_waited_for(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        set(&world, &app, "A", "1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        world.engine.set_down(true);
        let worker = world.worker();
        let running = tokio::spawn(async move { worker.drain().await });
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        assert!(!world.deployment(queued.id).await.state.ended());
        world.engine.set_down(false);
        running.await.unwrap().unwrap();
        while !world.deployment(queued.id).await.state.ended() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            world.drain().await;
        }
        assert_eq!(world.deployment(queued.id).await.state, State::Live);
    }
}

/// Two services, one after the other.
const COMPOSE: &str = r#"
services:
  web:
    image: registry.example.org/web:${TAG}
    depends_on: [api]
    deploy: {update_config: {monitor: 1s}}
  api:
    image: registry.example.org/api:1
    deploy: {update_config: {monitor: 1s}}
"#;

async fn change_image(world: &World, app: &skep::domain::app::App, image: &str) -> skep::domain::app::App {
    let source = skep::domain::app::Source::Image {
        image: skep::domain::name::ImageRef::parse(image).unwrap(),
        credential: None,
    };
    let change = control::apps::Change { source: Some(source), ..Default::default() };
    control::apps::configure(&world.cx, app.id, change).await.unwrap()
}

async fn set(world: &World, app: &skep::domain::app::App, key: &str, value: &str) {
    let new = control::variables::NewVariable {
        key: skep::domain::name::EnvKey::parse(key).unwrap(),
        value: skep::domain::secret::Secret::new(value),
        secret: false,
    };
    control::variables::put_many(&world.cx, Scope::App(app.id), &[new]).await.unwrap();
}

async fn live(world: &World, app: &skep::domain::app::App) -> Option<skep::domain::deployment::Deployment> {
    let mut tx = world.parts.db.read().await.unwrap();
    db::deployment::living(&mut tx, app.id).await.unwrap()
}
