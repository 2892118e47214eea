//! Cancelling, superseding, removing: nothing is left behind, and the next one runs.

use std::time::Duration;

use skep::{control, db, domain::deployment::State, swarm::fake::Behaviour};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

db_test! {
    async fn fault_19_a_waiting_one_ends_at_once(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let cancelled = control::deployments::cancel(&world.cx, queued.id).await.unwrap();
        assert_eq!(cancelled.state, State::Cancelled);
        world.drain().await;
        assert_eq!(world.deployment(queued.id).await.state, State::Cancelled);
        assert_eq!(world.engine.effects("create_service"), 0);
    }

    async fn fault_19_cancelled_while_verifying_returns_within_ten_seconds(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        world.engine.service_behaves(&app.stack, Behaviour::Slow(100_000));
        let change = control::apps::Change {
            settings: Some(serde_json::from_value(serde_json::json!({
                "port": 8080, "command": ["slow"], "update": {"monitor": "1s", "deadline": "5m"}
            })).unwrap()),
            ..Default::default()
        };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let worker = world.worker();
        let running = tokio::spawn(async move { worker.drain().await });
        while world.deployment(queued.id).await.state != State::Verifying {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        world.engine.service_behaves(&app.stack, Behaviour::Healthy);
        let asked = std::time::Instant::now();
        control::deployments::cancel(&world.cx, queued.id).await.unwrap();
        running.await.unwrap().unwrap();
        assert_eq!(world.deployment(queued.id).await.state, State::Cancelled);
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    }

    async fn fault_19_cancelled_between_two_tries_does_not_wait_for_the_next(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.engine.set_down(true);
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        world.drain().await;
        assert!(!world.deployment(queued.id).await.state.ended(), "it waits for the engine");
        control::deployments::cancel(&world.cx, queued.id).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(queued.id).await.state, State::Cancelled);
        world.engine.set_down(false);
        world.drain().await;
        assert_eq!(world.engine.effects("create_service"), 0);
        world.deploy_live(&app).await;
    }

    async fn a_newer_one_takes_the_place_of_one_that_waits(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(control::deployments::create(&world.cx, app.id, None, None).await.unwrap());
        }
        world.drain().await;
        for older in &all[..4] {
            assert_eq!(world.deployment(older.id).await.state, State::Superseded);
        }
        assert_eq!(world.deployment(all[4].id).await.state, State::Live);
        assert_eq!(world.builder.builds(), 1);
    }

    async fn fault_19_an_app_removed_leaves_nothing(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        control::lifecycle::delete(&world.cx, app.id, true).await.unwrap();
        world.drain().await;
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        assert!(observed.services.is_empty() && observed.configs.is_empty() && observed.secrets.is_empty());
        assert!(matches!(control::apps::get(&world.cx, app.id).await, Err(control::Error::NotFound(_))));
    }

    async fn stop_keeps_the_replicas_for_the_next_start(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        control::lifecycle::scale(&world.cx, app.id, None, 3).await.unwrap();
        world.deploy_live(&app).await;
        assert_eq!(replicas(&world, &app.stack).await, Some(3));
        control::lifecycle::stop(&world.cx, app.id).await.unwrap();
        world.drain().await;
        assert_eq!(replicas(&world, &app.stack).await, Some(0));
        control::lifecycle::start(&world.cx, app.id).await.unwrap();
        world.drain().await;
        assert_eq!(replicas(&world, &app.stack).await, Some(3));
        let updates = world.engine.effects("update_service");
        control::lifecycle::restart(&world.cx, app.id, None).await.unwrap();
        world.drain().await;
        assert_eq!(world.engine.effects("update_service"), updates + 1);
    }

    async fn fault_32_a_job_that_cannot_be_read_is_set_aside(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        skep_tests::database::insert_poison(&world.db).await;
        let deployment = world.deploy_live(&app).await;
        assert_eq!(deployment.state, State::Live);
        let mut tx = world.parts.db.read().await.unwrap();
        let counts = db::job::count(&mut tx).await.unwrap();
        assert_eq!(counts, [("poison".to_owned(), 1)]);
    }
}

async fn replicas(world: &World, stack: &str) -> Option<i64> {
    let observed = world.parts.engine.observe(stack).await.unwrap();
    observed.services[stack].spec.as_ref()?.mode.as_ref()?.replicated.as_ref()?.replicas
}
