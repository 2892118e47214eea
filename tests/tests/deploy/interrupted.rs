//! Told to stop in the middle, by a person or by the machine, at each step: nothing is left
//! behind, what served goes on serving, and the next one runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use skep::{
    build::fake::Behaviour,
    control, db,
    deploy::fault::{FaultPoints, Moment},
    domain::{deployment::State, step::Step},
    jobs,
};
use skep_tests::{
    database::TestDb,
    db_test,
    world::{REPOSITORY, World},
};
use tokio_util::sync::CancellationToken;

/// Somebody cancels at that moment, and it is seen before the step goes on.
async fn cancelled_in(db: TestDb, step: Step, moment: Moment) {
    let world = World::new(db).await;
    world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
    let app = world.git_app("shop").await;
    let first = world.deploy_live(&app).await;
    let before = world.parts.engine.observe(&app.stack).await.unwrap();
    world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);
    let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
    world.engine.reset_counts();
    let asked = Arc::new(AtomicBool::new(false));
    let (cx, id, once) = (world.cx.clone(), queued.id, asked.clone());
    let points = FaultPoints::new(move |s, m| {
        if (s, m) == (step, moment) && !once.swap(true, Ordering::SeqCst) {
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    control::deployments::cancel(&cx, id).await.unwrap();
                    // It is looked for each second.
                    tokio::time::sleep(Duration::from_millis(2500)).await;
                });
            });
        }
        false
    });
    let began = Instant::now();
    world.dying(points).drain().await.unwrap();
    assert!(asked.load(Ordering::SeqCst), "{} was not reached", step.name());
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let ended = world.deployment(queued.id).await;
    if step == Step::Publish {
        assert_eq!(ended.state, State::Live, "it was proven, and is published");
        return;
    }
    assert_eq!(ended.state, State::Cancelled, "{} {moment:?}: {:?}", step.name(), ended.failure);
    assert_eq!(
        world.deployment(first.id).await.state,
        State::Live,
        "what served is still the one that serves"
    );
    let touched = matches!((step, moment), (Step::Apply, Moment::Worked) | (Step::Verify, _));
    let updates = world.engine.effects("update_service");
    assert_eq!(
        updates,
        if touched { 2 } else { 0 },
        "{} {moment:?}: there and back, or not at all",
        step.name()
    );
    let after = world.parts.engine.observe(&app.stack).await.unwrap();
    assert_eq!(
        after.services.keys().collect::<Vec<_>>(),
        before.services.keys().collect::<Vec<_>>(),
        "no orphan"
    );
    let image = |seen: &skep_stack::observed::Observed| {
        let spec = seen.services[&app.stack].spec.clone().unwrap();
        spec.task_template.unwrap().container_spec.unwrap().image
    };
    assert_eq!(image(&after), image(&before));
    assert_eq!(world.deploy(&app).await.state, State::Live, "the next one runs");
}

macro_rules! cancelled_in {
    ($($name:ident => $step:ident),* $(,)?) => {$(
        mod $name {
            use super::*;
            db_test! {
                async fn entered(db: TestDb) { cancelled_in(db, Step::$step, Moment::Entered).await; }
                async fn worked(db: TestDb) { cancelled_in(db, Step::$step, Moment::Worked).await; }
            }
        }
    )*};
}

cancelled_in! {
    fault_19_cancelled_in_fetch => Fetch,
    fault_19_cancelled_in_build => Build,
    fault_19_cancelled_in_push => Push,
    fault_19_cancelled_in_plan => Plan,
    fault_19_cancelled_in_apply => Apply,
    fault_19_cancelled_in_verify => Verify,
}

db_test! {
    async fn fault_19_too_late_to_cancel(db: TestDb) {
        cancelled_in(db, Step::Publish, Moment::Entered).await;
    }

    async fn fault_19_an_app_deleted_in_the_middle_of_a_deployment(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        world.deploy_live(&app).await;
        let other = world.image_app("other", "registry.example.org/shop:1").await;
        world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# hang\n")]);
        world.builder.behaves("# hang", Behaviour::Hangs);
        let stop = CancellationToken::new();
        let worker = tokio::spawn(jobs::run(world.parts.clone(), stop.clone()));
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        until(async || world.deployment(queued.id).await.state == State::Building).await;
        let began = Instant::now();
        control::lifecycle::delete(&world.cx, app.id, true).await.unwrap();
        until(async || matches!(control::apps::get(&world.cx, app.id).await, Err(control::Error::NotFound(_)))).await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        assert!(observed.services.is_empty() && observed.configs.is_empty() && observed.secrets.is_empty());
        assert_eq!(world.builder.stopped(), 1, "the build was ended too");
        let next = control::deployments::create(&world.cx, other.id, None, None).await.unwrap();
        until(async || world.deployment(next.id).await.state == State::Live).await;
        stop.cancel();
        worker.await.unwrap();
    }

    async fn fault_18_a_build_that_hangs_keeps_nobody_else_waiting(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n# hang\n")]);
        world.builder.behaves("# hang", Behaviour::Hangs);
        let (app, other) = (world.git_app("shop").await, world.image_app("other", "registry.example.org/shop:1").await);
        let stop = CancellationToken::new();
        let worker = tokio::spawn(jobs::run(world.parts.clone(), stop.clone()));
        let hung = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        until(async || world.deployment(hung.id).await.state == State::Building).await;
        let next = control::deployments::create(&world.cx, other.id, None, None).await.unwrap();
        until(async || world.deployment(next.id).await.state == State::Live).await;
        assert_eq!(world.deployment(hung.id).await.state, State::Building);
        stop.cancel();
        worker.await.unwrap();
    }

    async fn fault_18_a_build_over_its_bounds_fails_with_its_code_and_the_next_one_runs(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let first = world.deploy_live(&app).await;
        for code in ["timeout", "build_oom"] {
            let text = format!("FROM scratch\n# {code}\n");
            world.git.push(REPOSITORY, "main", code, &[("Dockerfile", &text)]);
            world.builder.behaves(&format!("# {code}"), Behaviour::Fails(code));
            world.engine.reset_counts();
            let failed = world.deploy(&app).await;
            let failure = failed.failure.unwrap();
            assert_eq!((failed.state, failure.code.as_str(), failure.step), (State::Failed, code, Step::Build));
            assert_eq!(world.engine.effects("update_service"), 0);
            assert_eq!(world.deployment(first.id).await.state, State::Live);
        }
        world.git.push(REPOSITORY, "main", "Good", &[("Dockerfile", "FROM scratch\n# good\n")]);
        world.deploy_live(&app).await;
    }

    async fn fault_02_told_to_stop_in_the_middle_of_a_deployment(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n# slow\n")]);
        world.builder.behaves("# slow", Behaviour::Takes(Duration::from_secs(60)));
        let (app, other) = (world.git_app("shop").await, world.image_app("other", "registry.example.org/shop:1").await);
        let stop = CancellationToken::new();
        let worker = tokio::spawn(jobs::run(world.parts.clone(), stop.clone()));
        let running = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        until(async || world.deployment(running.id).await.state == State::Building).await;
        let began = Instant::now();
        stop.cancel();
        let later = control::deployments::create(&world.cx, other.id, None, None).await.unwrap();
        worker.await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(10), "within the grace: {:?}", began.elapsed());
        assert_eq!(world.deployment(later.id).await.state, State::Queued, "no new work");
        assert!(!world.deployment(running.id).await.state.ended());
        let mut tx = world.parts.db.read().await.unwrap();
        assert!(db::job::count(&mut tx).await.unwrap().iter().all(|(status, _)| status == "queued"), "handed back");
        drop(tx);
        // Whoever comes next goes on at once, without waiting for a lease to run out.
        world.builder.behaves("# slow", Behaviour::Takes(Duration::from_millis(20)));
        world.drain().await;
        assert_eq!(world.deployment(running.id).await.state, State::Live);
        assert_eq!(world.deployment(later.id).await.state, State::Live);
        assert_eq!(world.engine.effects("create_service"), 2);
    }
}

async fn until(mut look: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if look().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited half a minute in vain");
}
