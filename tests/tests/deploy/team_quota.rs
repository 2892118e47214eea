//! What a team may have at most holds wherever something is added, and never stops what runs.

use std::time::{Duration, Instant};

use skep::{
    build::fake::Behaviour,
    control::{self, Ctx, Error},
    domain::{
        app::{App, Settings},
        deployment::{Deployment, State},
        quota::Quota,
        step::Step,
    },
    jobs,
    reconcile::storage_round,
};
use skep_tests::{
    database::TestDb,
    db_test,
    world::{REPOSITORY, World, caller, context, instance_owner, owner},
};
use tokio_util::sync::CancellationToken;

const MIB: i64 = 1 << 20;
const IMAGE: &str = "registry.example.org/web:7";

async fn world(db: TestDb) -> World {
    World::new(db).await
}

async fn set(world: &World, quota: Quota) {
    control::quotas::set(&world.cx, world.cx.team(), quota).await.unwrap();
}

/// Sets the limits of each task of an app.
async fn limit(cx: &Ctx, app: &App, resources: serde_json::Value) {
    let now = control::apps::get(cx, app.id).await.unwrap();
    let mut settings = serde_json::to_value(&now.settings).unwrap();
    settings["resources"] = resources;
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let change = control::apps::Change { settings: Some(settings), ..Default::default() };
    control::apps::configure(cx, app.id, change).await.unwrap();
}

fn refused(error: Error) -> String {
    match error {
        Error::Conflict { code: "quota", message } => message,
        other => panic!("{other:?}"),
    }
}

fn failed(deployment: &Deployment) -> String {
    assert_eq!(deployment.state, State::Failed, "{deployment:?}");
    let failure = deployment.failure.clone().unwrap();
    assert_eq!((failure.code.as_str(), failure.step), ("quota", Step::Plan));
    failure.message
}

async fn until(mut look: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !look().await {
        assert!(began.elapsed() < Duration::from_secs(30), "it did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

db_test! {
    async fn what_does_not_fit_is_refused_before_anything_is_touched(db: TestDb) {
        let world = world(db).await;
        let (one, two) = (world.image_app("one", IMAGE).await, world.image_app("two", IMAGE).await);
        set(&world, Quota { memory: Some(512 * MIB), nano_cpus: Some(2_000_000_000), ..Quota::default() }).await;

        // Without a limit nobody knows what it may use.
        let message = failed(&world.deploy(&one).await);
        assert!(message.contains("processors") && message.contains("memory") && message.contains("has no limit"), "{message}");
        limit(&world.cx, &one, serde_json::json!({"memory": "256m", "cpus": "0.5"})).await;
        world.deploy_live(&one).await;
        limit(&world.cx, &two, serde_json::json!({"memory": "257m", "cpus": "0.5"})).await;
        world.engine.reset_counts();
        let message = failed(&world.deploy(&two).await);
        assert!(message.contains("may use 257 MiB, ") && message.contains("256 MiB"), "{message}");
        assert_eq!(world.engine.effects("create_service"), 0);
        // The plan says so before.
        let told = control::apps::plan(&world.cx, two.id, Vec::new()).await.unwrap_err();
        assert!(format!("{told:?}").contains("quota of memory"), "{told:?}");
        limit(&world.cx, &two, serde_json::json!({"memory": "256m", "cpus": "0.5"})).await;
        world.deploy_live(&two).await;

        // To scale and to start count, too; a stopped app's share is free.
        let message = refused(control::lifecycle::scale(&world.cx, one.id, None, 2).await.unwrap_err());
        assert!(message.contains("512 MiB"), "{message}");
        control::lifecycle::stop(&world.cx, two.id).await.unwrap();
        control::lifecycle::scale(&world.cx, one.id, None, 2).await.unwrap();
        let message = refused(control::lifecycle::start(&world.cx, two.id).await.unwrap_err());
        assert!(message.contains("stop another app"), "{message}");
        let shown = control::quotas::show(&world.cx, world.cx.team()).await.unwrap();
        assert_eq!((shown.used.memory, shown.used.nano_cpus), (512 * MIB, 1_000_000_000));
        control::lifecycle::scale(&world.cx, one.id, None, 1).await.unwrap();
        control::lifecycle::start(&world.cx, two.id).await.unwrap();
        world.drain().await;
    }

    async fn a_lowered_quota_stops_nothing_and_a_return_is_never_refused(db: TestDb) {
        let world = world(db).await;
        let app = world.image_app("one", IMAGE).await;
        limit(&world.cx, &app, serde_json::json!({"memory": "256m"})).await;
        let first = world.deploy_live(&app).await;
        limit(&world.cx, &app, serde_json::json!({"memory": "128m"})).await;
        world.deploy_live(&app).await;
        set(&world, Quota { memory: Some(64 * MIB), ..Quota::default() }).await;
        let shown = control::quotas::show(&world.cx, world.cx.team()).await.unwrap();
        assert_eq!(shown.quota.over(&shown.used), ["memory"]);
        failed(&world.deploy(&app).await);
        let release = control::deployments::releases(&world.cx, app.id).await.unwrap();
        let to = release.iter().find(|release| release.deployment == first.id).unwrap().id;
        let back = control::deployments::rollback(&world.cx, app.id, Some(to), None).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(back.id).await.state, State::Live);
        let shown = control::quotas::show(&world.cx, world.cx.team()).await.unwrap();
        assert_eq!(shown.used.memory, 256 * MIB);
    }

    async fn apps_that_are_made_at_once_do_not_pass_the_quota(db: TestDb) {
        let world = world(db).await;
        set(&world, Quota { apps: Some(3), ..Quota::default() }).await;
        let first = world.image_app("a", IMAGE).await;
        let made = futures::future::join_all((0..6).map(|n| {
            let (cx, first) = (&world.cx, &first);
            async move {
                let new = control::apps::NewApp {
                    name: skep::domain::name::Slug::parse(&format!("n{n}")).unwrap(),
                    source: first.source.clone(),
                    build: first.build.clone(),
                    settings: first.settings.clone(),
                    auto_deploy: false,
                };
                control::apps::create(cx, first.environment, new).await
            }
        }))
        .await;
        let (made, not): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
        assert_eq!((made.len(), not.len()), (2, 4));
        for error in not {
            assert!(refused(error.unwrap_err()).contains("quota is 3"));
        }
        // One that is removed makes room.
        control::lifecycle::delete(&world.cx, first.id, false).await.unwrap();
        world.image_app("b", IMAGE).await;
    }

    async fn a_team_waits_for_its_own_builds_and_keeps_no_other_team_waiting(db: TestDb) {
        let mut world = world(db).await;
        let hangs = [("Dockerfile", "FROM scratch\n# hang\n")];
        world.git.push(REPOSITORY, "main", "One", &hangs);
        world.builder.behaves("# hang", Behaviour::Hangs);
        let other = owner(&world.parts, "other@example.org").await;
        let other = context(&world.parts, &caller(&world.parts, other, false).await);
        set(&world, Quota { builds: Some(1), ..Quota::default() }).await;
        let stop = CancellationToken::new();
        let worker = tokio::spawn(jobs::run(world.parts.clone(), stop.clone()));
        let mut queued = Vec::new();
        for name in ["a", "b", "c", "d", "e", "f"] {
            let app = world.git_app(name).await;
            queued.push(control::deployments::create(&world.cx, app.id, None, None).await.unwrap().id);
            if name == "a" {
                until(async || world.deployment(queued[0]).await.state == State::Building).await;
            }
        }
        // What builds nothing does not wait, nor does another team, although more wait than there are workers.
        let image = world.image_app("image", IMAGE).await;
        let image = control::deployments::create(&world.cx, image.id, None, None).await.unwrap();
        let ours = std::mem::replace(&mut world.cx, other);
        let theirs = world.git_app("theirs").await;
        let theirs = control::deployments::create(&world.cx, theirs.id, None, None).await.unwrap();
        world.cx = ours;
        until(async || world.deployment(image.id).await.state == State::Live).await;
        until(async || world.deployment(theirs.id).await.state == State::Building).await;
        for id in &queued[1..] {
            until(async || world.deployment(*id).await.state == State::Fetching).await;
        }
        assert_eq!(world.builder.builds(), 2);
        let shown = control::quotas::show(&world.cx, world.cx.team()).await.unwrap();
        assert_eq!((shown.used.builds, shown.quota.over(&shown.used)), (1, Vec::new()));
        // The next one's turn comes with the end of the first.
        world.builder.behaves("# hang", Behaviour::Takes(Duration::from_millis(50)));
        control::deployments::cancel(&world.cx, queued[0]).await.unwrap();
        for id in &queued[1..] {
            until(async || world.deployment(*id).await.state == State::Live).await;
        }
        stop.cancel();
        worker.await.unwrap();
    }

    async fn full_storage_takes_no_new_volume_and_leaves_what_has_one(db: TestDb) {
        let world = world(db).await;
        let with = |name: &str| format!("services:\n  web:\n    image: registry.example.org/web:7\n    volumes: ['{name}:/data']\nvolumes: {{{name}: {{}}}}\n");
        let app = world.compose_app("one", &with("data")).await;
        world.deploy_live(&app).await;
        set(&world, Quota { storage: Some(100 * MIB), ..Quota::default() }).await;
        world.engine.fill_volume(&format!("{}_data", app.stack), 100 * MIB);
        world.engine.fill_volume("somebody_else", 1 << 40);
        assert_eq!(control::quotas::show(&world.cx, world.cx.team()).await.unwrap().used.measured_at, None);
        storage_round(world.parts.clone()).await.unwrap();
        let shown = control::quotas::show(&world.cx, world.cx.team()).await.unwrap();
        assert_eq!((shown.used.storage, shown.measured.len()), (100 * MIB, 1));
        world.deploy_live(&app).await;
        let more = world.compose_app("two", &with("more")).await;
        let message = failed(&world.deploy(&more).await);
        assert!(message.contains("_more") && message.contains("hold 100 MiB already"), "{message}");
        // What is gone is no more counted.
        world.parts.engine.remove_volume(&format!("{}_data", app.stack)).await.unwrap();
        storage_round(world.parts.clone()).await.unwrap();
        world.deploy_live(&more).await;
    }

    async fn only_the_owner_of_the_instance_sets_it_and_only_the_team_sees_it(db: TestDb) {
        let world = world(db).await;
        let other = owner(&world.parts, "other@example.org").await;
        let other = context(&world.parts, &caller(&world.parts, other, false).await);
        let (ours, quota) = (world.cx.team(), Quota { apps: Some(1), ..Quota::default() });
        assert!(matches!(control::quotas::set(&other, other.team(), quota).await, Err(Error::Forbidden(_))));
        assert!(matches!(control::quotas::show(&other, ours).await, Err(Error::NotFound("team"))));
        let boss = instance_owner(&world.parts, "boss@example.org").await;
        let boss = context(&world.parts, &caller(&world.parts, boss, true).await);
        assert_eq!(control::quotas::set(&boss, other.team(), quota).await.unwrap().quota, quota);
        assert_eq!(control::quotas::show(&other, other.team()).await.unwrap().quota, quota);
        let wrong = Quota { apps: Some(-1), builds: Some(0), nano_cpus: Some(i64::MAX), memory: Some(-1), storage: Some(-1) };
        let Err(Error::Invalid(faults)) = control::quotas::set(&boss, ours, wrong).await else { panic!("it was taken") };
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["apps", "builds", "nano_cpus", "memory", "storage"]);
        assert_eq!(control::quotas::show(&boss, ours).await.unwrap().quota, Quota::default());
    }
}
