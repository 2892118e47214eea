//! The server dies in each step, before and after its work: another goes on, the deployment ends
//! truthfully, and the engine got exactly one update (fault F1, by the name of each step).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use skep::{
    control,
    deploy::fault::{FaultPoints, Moment},
    domain::{deployment::State, step::Step},
    swarm::fake::Behaviour,
};
use skep_tests::{
    database::TestDb,
    db_test,
    world::{REPOSITORY, World},
};

/// Dies once at that point.
fn once(step: Step, moment: Moment) -> (FaultPoints, Arc<AtomicBool>) {
    let died = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&died);
    let points = FaultPoints::new(move |s, m| (s, m) == (step, moment) && !seen.swap(true, Ordering::SeqCst));
    (points, died)
}

async fn survives(db: TestDb, step: Step) {
    let world = World::new(db).await;
    world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
    let app = world.git_app("shop").await;
    world.deploy_live(&app).await;
    for moment in [Moment::Entered, Moment::Worked] {
        let sha = world.git.push(
            REPOSITORY,
            "main",
            &format!("{moment:?}"),
            &[("Dockerfile", "FROM scratch\n# x\n")],
        );
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let builds = world.builder.builds();
        world.engine.reset_counts();
        let (points, died) = once(step, moment);
        world.dying(points).drain().await.unwrap();
        assert!(died.load(Ordering::SeqCst), "{} was not reached", step.name());
        if (step, moment) != (Step::Publish, Moment::Worked) {
            assert!(!world.deployment(queued.id).await.state.ended(), "it is still open after the death");
        }
        world.free().await;
        world.drain().await;
        let ended = world.deployment(queued.id).await;
        assert_eq!(ended.state, State::Live, "{} {moment:?}: {:?}", step.name(), ended.failure);
        assert_eq!(ended.commit.as_ref(), Some(&sha));
        assert_eq!(world.engine.effects("update_service"), 1, "{} {moment:?}", step.name());
        assert_eq!(world.builder.builds() - builds, 1, "{} {moment:?}", step.name());
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        assert_eq!(releases.iter().filter(|r| r.retired_at.is_none()).count(), 1);
    }
}

macro_rules! killed_in {
    ($($name:ident => $step:ident),* $(,)?) => {$(
        db_test! { async fn $name(db: TestDb) { survives(db, Step::$step).await; } }
    )*};
}

killed_in! {
    fault_01_killed_in_fetch => Fetch,
    fault_01_killed_in_build => Build,
    fault_01_killed_in_push => Push,
    fault_01_killed_in_plan => Plan,
    fault_01_killed_in_apply => Apply,
    fault_01_killed_in_verify => Verify,
    fault_01_killed_in_publish => Publish,
}

db_test! {
    async fn fault_01_killed_while_returning(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        world.engine.service_behaves(&app.stack, Behaviour::CrashesAtStart);
        let change = control::apps::Change {
            settings: Some(serde_json::from_value(serde_json::json!({
                "port": 8080, "command": ["other"], "update": {"monitor": "1s", "deadline": "30s"}
            })).unwrap()),
            ..Default::default()
        };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        // The death comes after the failure was saved: whoever goes on must go on with the return.
        let mut tx = world.parts.db.write().await.unwrap();
        tx_fail(&mut tx, &world, queued.id).await;
        tx.commit().await.unwrap();
        world.engine.service_behaves(&app.stack, Behaviour::Healthy);
        world.drain().await;
        assert_eq!(world.deployment(queued.id).await.state, State::RolledBack);
    }

    async fn fault_04_two_workers_race_for_one_deployment(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let racing: Vec<_> = (0..8).map(|_| {
            let worker = world.worker();
            tokio::spawn(async move {
                // A lost race on Postgres ends the round with an error: the next comes at once.
                for _ in 0..5 {
                    if worker.drain().await.is_ok() {
                        break;
                    }
                }
            })
        }).collect();
        for each in racing {
            each.await.unwrap();
        }
        assert_eq!(world.deployment(queued.id).await.state, State::Live);
        assert_eq!(world.engine.effects("create_service"), 1);
    }
}

/// Brings a deployment to the moment after its failure was saved in verifying.
async fn tx_fail(tx: &mut skep::db::Tx, world: &World, id: skep::domain::id::DeploymentId) {
    let now = world.parts.clock.now();
    let queued = skep::db::deployment::load(tx, id).await.unwrap().unwrap();
    let from = queued.state;
    let mut verifying = queued.enter(Step::Verify, now).unwrap();
    verifying.failure = Some(skep::domain::deployment::Failure {
        step: Step::Verify,
        code: "unhealthy".to_owned(),
        message: "it crashed".to_owned(),
        log_tail: Vec::new(),
    });
    assert!(skep::db::deployment::save(tx, from, &verifying).await.unwrap());
}
