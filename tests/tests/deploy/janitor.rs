//! What the janitor takes away, and what it leaves.

use std::collections::BTreeMap;

use skep::{control, db, reconcile};
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
}
