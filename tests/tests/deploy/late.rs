//! What comes late, again, or never: it changes nothing that others did meanwhile.

use std::time::Duration;

use skep::{build::fake::Behaviour, control, db, domain::deployment::State, jobs::Worker};
use skep_tests::{
    database::meddle,
    db_test,
    world::{REPOSITORY, World},
};

/// The builder is at work: the state is written before it is asked, and whoever loses the lease in
/// between would take it up anew, as quickly as `behaves` says by then.
async fn building(world: &World) {
    for _ in 0..200 {
        if world.builder.builds() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not build");
}

db_test! {
    async fn fault_22_a_push_during_a_build_is_deployed_after_it(db: TestDb) {
        let world = World::new(db).await;
        world.builder.behaves("# slow", Behaviour::Takes(Duration::from_millis(800)));
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n# slow\n")]);
        let app = world.git_app("shop").await;
        let first = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let worker = world.worker();
        let running = tokio::spawn(async move { worker.drain().await });
        building(&world).await;
        // Two more come while it builds: one waits, and it is the newest.
        world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);
        let second = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let newest = world.git.push(REPOSITORY, "main", "Three", &[("Dockerfile", "FROM scratch\n# 3\n")]);
        let third = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        assert_eq!(world.deployment(second.id).await.state, State::Superseded);
        running.await.unwrap().unwrap();
        world.drain().await;
        assert_eq!(world.deployment(first.id).await.state, State::Retired);
        let live = world.deployment(third.id).await;
        assert_eq!((live.state, live.commit), (State::Live, Some(newest)));
        assert_eq!(world.builder.builds(), 2);
    }

    async fn fault_37_a_build_that_returns_after_its_lease_ended_changes_nothing(db: TestDb) {
        let world = World::new(db).await;
        world.builder.behaves("# slow", Behaviour::Takes(Duration::from_secs(3)));
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n# slow\n")]);
        let app = world.git_app("shop").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let late = world.worker();
        let late = tokio::spawn(async move { late.drain().await });
        building(&world).await;
        // The late one is cut off; another goes on, and is done long before.
        world.free().await;
        world.builder.behaves("# slow", Behaviour::Takes(Duration::from_millis(20)));
        let other: Worker = world.worker();
        other.drain().await.unwrap();
        assert_eq!(world.deployment(queued.id).await.state, State::Live);
        let steps = control::deployments::steps(&world.cx, queued.id).await.unwrap();
        late.await.unwrap().unwrap();
        let ended = world.deployment(queued.id).await;
        assert_eq!((ended.state, ended.failure.is_none()), (State::Live, true));
        assert_eq!(format!("{:?}", control::deployments::steps(&world.cx, queued.id).await.unwrap()), format!("{steps:?}"));
        assert_eq!(world.engine.effects("create_service"), 1);
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        assert_eq!(releases.len(), 1);
    }

    async fn fault_32_what_fails_again_and_again_is_set_aside_and_the_rest_goes_on(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n# away\n")]);
        world.builder.behaves("# away", Behaviour::Unavailable(1000));
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let other = world.image_app("other", "registry.example.org/shop:1").await;
        for _ in 0..3 {
            world.drain().await;
            // The wait before the next try is over.
            meddle(&world.db.db, "UPDATE job SET run_at = created_at WHERE status = 'queued'").await;
        }
        assert!(!world.deployment(queued.id).await.state.ended(), "it is tried again");
        assert_eq!(world.deploy(&other).await.state, State::Live, "the rest goes on");
        meddle(&world.db.db, "UPDATE job SET attempt = max_attempts - 1, run_at = created_at WHERE status = 'queued'").await;
        world.drain().await;
        let given_up = world.deployment(queued.id).await;
        assert_eq!(given_up.state, State::Failed, "it does not stand there for ever");
        assert_eq!(given_up.failure.unwrap().code, "interrupted");
        let mut tx = world.parts.db.read().await.unwrap();
        assert_eq!(db::job::count(&mut tx).await.unwrap(), [("poison".to_owned(), 1)]);
        drop(tx);
        world.drain().await;
        world.builder.behaves("# away", Behaviour::Takes(Duration::from_millis(20)));
        assert_eq!(world.deploy(&app).await.state, State::Live, "and a new one may begin");
    }
}
