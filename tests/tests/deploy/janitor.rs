//! What the janitor takes away, and what it leaves.

use std::collections::{BTreeMap, BTreeSet};

use skep::{
    control, db,
    domain::app::Source,
    reconcile,
    swarm::{Engine as _, fake::Behaviour},
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

db_test! {
    async fn images_mirrors_layers_and_workspaces_that_nothing_needs_go(db: TestDb) {
        let mut world = World::new(db).await;
        let mut instance = (*world.parts.instance).clone();
        instance.keep_releases = 2;
        instance.registry = Some("registry.example.org/skep".to_owned());
        world.parts.instance = std::sync::Arc::new(instance);
        world.cx.parts = world.parts.clone();
        world.git.push(REPOSITORY, "main", "0", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let mut images = Vec::new();
        for number in 1..=4 {
            world.git.push(REPOSITORY, "main", &format!("{number}"), &[("Dockerfile", "FROM scratch\n")]);
            world.deploy_live(&app).await;
            images.push(world.builder.recipes().last().unwrap().tag.clone());
        }
        let left = async || -> BTreeMap<String, String> {
            let all = world.parts.engine.images_labelled(skep_stack::labels::APP).await.unwrap();
            all.into_iter().filter(|(name, _)| name.starts_with("skep.invalid/")).collect()
        };
        assert_eq!(left().await.len(), 4);
        // A killed server's workspace, long ago.
        let forgotten = world.parts.instance.data.join("work").join("01900000-0000-7000-8000-000000000000");
        std::fs::create_dir_all(&forgotten).unwrap();
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 86_400);
        std::fs::File::open(&forgotten).unwrap().set_modified(old).unwrap();

        reconcile::janitor_round(world.parts.clone()).await.unwrap();
        let left = left().await;
        assert!(!left.contains_key(&images[0]) && !left.contains_key(&images[1]), "{left:?}");
        assert!(left.contains_key(&images[2]) && left.contains_key(&images[3]), "{left:?}");
        assert!(!forgotten.exists());
        assert_eq!(world.builder.pruned(), 1);
        assert!(world.git.calls().iter().any(|call| call.starts_with("sweep ")), "{:?}", world.git.calls());
    }

    async fn logs_of_releases_that_are_kept_stay_and_others_go_after_their_time(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let kept = world.deploy_live(&app).await;
        let source = skep::domain::app::Source::Image {
            image: skep::domain::name::ImageRef::parse("registry.example.org/missing:1").unwrap(),
            credential: None,
        };
        world.engine.image_behaves("missing", skep::swarm::fake::Behaviour::MissingImage);
        let change = control::apps::Change { source: Some(source), ..Default::default() };
        let app = control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let failed = world.deploy(&app).await;
        assert!(failed.failure.is_some());
        let lines = async |id| {
            let mut tx = world.parts.db.read().await.unwrap();
            (
                db::log::last(&mut tx, id).await.unwrap(),
                db::step::list(&mut tx, id).await.unwrap().iter().filter(|s| s.output.is_some()).count(),
            )
        };
        let before = (lines(kept.id).await, lines(failed.id).await);
        assert!(before.1.0 > 0 && before.1.1 > 0, "{before:?}");
        for (ahead, gone) in [(-1, false), (1, true)] {
            let mut tx = world.parts.db.write().await.unwrap();
            let when = world.parts.clock.now() + chrono::Duration::days(ahead);
            db::log::sweep(&mut tx, when).await.unwrap();
            db::step::sweep(&mut tx, when).await.unwrap();
            tx.commit().await.unwrap();
            let now = (lines(kept.id).await, lines(failed.id).await);
            assert_eq!(now.0, before.0);
            assert_eq!(now.1 == (0, 0), gone, "{now:?}");
        }
    }

    async fn configs_and_secrets_rotate_and_go_with_the_last_release_that_needs_them(db: TestDb) {
        let mut world = World::new(db).await;
        let mut instance = (*world.parts.instance).clone();
        instance.keep_releases = 2;
        world.parts.instance = std::sync::Arc::new(instance);
        world.cx.parts = world.parts.clone();
        let app = world.compose_app("shop", &rotating("0", "0")).await;
        let text = async |page: &str, key: &str| {
            let source = Source::Compose { text: rotating(page, key) };
            let change = control::apps::Change { source: Some(source), ..Default::default() };
            control::apps::configure(&world.cx, app.id, change).await.unwrap();
        };
        let objects = async || {
            reconcile::janitor_round(world.parts.clone()).await.unwrap();
            let seen = world.parts.engine.observe(&app.stack).await.unwrap();
            let probe = |name: &&String| !name.contains("_probe-");
            seen.configs.keys().chain(seen.secrets.keys()).filter(probe).cloned().collect::<BTreeSet<String>>()
        };
        let tasks = async |service: &str| {
            let tasks = world.parts.engine.tasks(&app.stack).await.unwrap();
            let name = format!("{}_{service}", app.stack);
            tasks.into_iter().find(|t| t.service_name == name && t.state == "running").map(|task| task.id)
        };
        let mut had = Vec::new();
        for (page, key) in [("1", "1"), ("2", "1"), ("2", "2")] {
            text(page, key).await;
            let (web, other) = (tasks("web").await, tasks("other").await);
            world.deploy_live(&app).await;
            had.push(objects().await);
            assert_ne!(tasks("web").await, web, "{page} {key}");
            assert!(other.is_none() || tasks("other").await == other, "who has none of them goes on");
        }
        let counts: Vec<usize> = had.iter().map(BTreeSet::len).collect();
        assert_eq!(counts, [2, 3, 3], "those of the release that serves, and of the one before: {had:?}");
        assert_eq!(had[0].difference(&had[1]).count(), 0, "a kept release needs it: {had:?}");
        assert_eq!(had[1].difference(&had[2]).count(), 1, "none needs the first page any more: {had:?}");

        // One that fails leaves nothing behind, and the way back is still there.
        world.engine.service_behaves(&format!("{}_web", app.stack), Behaviour::CrashesAtStart);
        text("3", "3").await;
        let engine = std::sync::Arc::clone(&world.engine);
        let (stack, mended) = (app.stack.clone(), format!("{}_web", app.stack));
        let returned = tokio::spawn(async move {
            let failed = async || {
                let status = engine.observe(&stack).await.unwrap().services[&mended].update_status.clone();
                status.and_then(|s| s.state).is_some_and(|state| state.to_string().starts_with("rollback"))
            };
            while !failed().await {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            engine.service_behaves(&mended, Behaviour::Healthy);
        });
        assert!(world.deploy(&app).await.failure.is_some());
        returned.await.unwrap();
        assert_eq!(objects().await, had[2]);
        control::deployments::rollback(&world.cx, app.id, None, None).await.unwrap();
        world.drain().await;
        assert!(objects().await.is_subset(&had[2]));
        world.deploy_live(&app).await;
    }

    async fn a_round_beside_deployments_takes_nothing_of_theirs(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", &rotating("0", "0")).await;
        let (parts, stop) = (world.parts.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let seen = std::sync::Arc::clone(&stop);
        let rounds = tokio::spawn(async move {
            let mut rounds = 0;
            while !seen.load(std::sync::atomic::Ordering::Relaxed) {
                reconcile::janitor_round(parts.clone()).await.unwrap();
                rounds += 1;
                // The database has one writer: it is not kept from the deployments.
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            rounds
        });
        for number in 1..=3 {
            let source = Source::Compose { text: rotating(&number.to_string(), &number.to_string()) };
            let change = control::apps::Change { source: Some(source), ..Default::default() };
            control::apps::configure(&world.cx, app.id, change).await.unwrap();
            world.deploy_live(&app).await;
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(rounds.await.unwrap() > 0);
    }
}

/// A service with a config and a secret, and one without.
fn rotating(page: &str, key: &str) -> String {
    format!(
        "services:
  web: {{image: 'registry.example.org/web:7', configs: [page], secrets: [key]}}
  other: {{image: 'registry.example.org/api:1'}}
configs: {{page: {{content: 'page {page}'}}}}
secrets: {{key: {{content: 'key {key}'}}}}
"
    )
}
