//! Every deployment ends, and says truly how, whatever becomes of its worker.

use std::collections::HashSet;

use skep::{control, db, deploy::fault::FaultPoints, domain::deployment::State, reconcile};
use skep_stack::{labels, plan::Action};
use skep_tests::{db_test, world::World};

db_test! {
    async fn one_whose_worker_dies_at_each_try_is_given_up(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let worker = world.dying(FaultPoints::new(|_, _| true));
        for tries in 0.. {
            assert!(tries < 50, "it goes on for ever");
            // Its lease runs out, and the same worker may take it again.
            if worker.drain().await.unwrap() == 0 {
                break;
            }
            world.free().await;
        }
        let ended = world.deployment(queued.id).await;
        assert_eq!(ended.state, State::Failed, "nothing was touched");
        let failure = ended.failure.unwrap();
        assert_eq!(failure.code, "interrupted", "{failure:?}");
        world.deploy_live(&app).await;
    }

    async fn one_whose_job_is_gone_is_given_up_by_the_janitor(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        reconcile::janitor_round(world.parts.clone()).await.unwrap();
        assert_eq!(world.deployment(queued.id).await.state, State::Queued, "its job waits");
        let mut tx = world.parts.db.write().await.unwrap();
        loop {
            let claims = db::job::claim(&mut tx, "newer program", 8, &HashSet::new()).await.unwrap();
            if claims.is_empty() {
                break;
            }
            for claim in &claims {
                assert!(db::job::finish(&mut tx, claim, world.parts.clock.now()).await.unwrap());
            }
        }
        tx.commit().await.unwrap();
        reconcile::janitor_round(world.parts.clone()).await.unwrap();
        let ended = world.deployment(queued.id).await;
        assert_eq!(ended.state, State::Failed, "{ended:?}");
        assert_eq!(ended.failure.unwrap().code, "interrupted");
    }

    async fn one_that_meets_a_number_of_another_database_says_so(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        let service = world.parts.engine.observe(&app.stack).await.unwrap().services.remove(&app.stack).unwrap();
        let mut body = service.spec.clone().unwrap();
        body.labels.get_or_insert_default().insert(labels::DEPLOYMENT.to_owned(), "99".to_owned());
        let action = Action::UpdateService {
            name: app.stack.clone(),
            id: service.id.unwrap(),
            version: service.version.unwrap().index.unwrap(),
            body: Box::new(body),
            changes: Vec::new(),
            restarts: false,
        };
        world.parts.engine.perform(&action, None).await.unwrap();
        let written = world.engine.effects("update_service");
        let change = control::apps::Change { settings: Some(serde_json::from_value(serde_json::json!({"port": 9090})).unwrap()), ..Default::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let ended = world.deploy(&app).await;
        assert_eq!(ended.state, State::RollbackIncomplete);
        let failure = ended.failure.unwrap();
        assert!(failure.code == "newer_writer" && failure.message.contains("deployment 99"), "{failure:?}");
        assert_eq!(world.engine.effects("update_service"), written, "nothing was written over it");
    }
}
