//! A Compose app as its services: each is scaled, restarted and read for itself, and the whole is
//! stopped and started without forgetting any of it.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use skep::{
    control::{self, services::Mode},
    swarm::{LogLine, LogQuery},
};
use skep_stack::replicas::tasks;
use skep_tests::{db_test, world::World};

const FILE: &str = r#"
services:
  web:
    image: registry.example.org/web:7
    deploy: {replicas: 2}
    depends_on: {migrate: {condition: service_completed_successfully}}
  migrate:
    image: registry.example.org/api:1
  store:
    image: registry.example.org/api:1
    volumes: [data:/data]
  shared:
    image: registry.example.org/api:1
    volumes: [data:/data]
    x-skep: {single_writer: false}
volumes:
  data:
"#;

/// Tasks of each service, as the engine has them.
async fn counts(world: &World, stack: &str) -> BTreeMap<String, Option<i64>> {
    let observed = world.parts.engine.observe(stack).await.unwrap();
    let count = |body: &skep_stack::models::Service| body.spec.as_ref().and_then(tasks);
    let prefix = format!("{stack}_");
    observed.services.iter().map(|(name, body)| (name.replace(&prefix, ""), count(body))).collect()
}

fn all(migrate: i64, shared: i64, store: i64, web: i64) -> BTreeMap<String, Option<i64>> {
    [("migrate", migrate), ("shared", shared), ("store", store), ("web", web)]
        .map(|(name, count)| (name.to_owned(), Some(count)))
        .into()
}

/// Field and code of the only fault.
fn fault<T: std::fmt::Debug>(result: Result<T, control::Error>) -> (String, String) {
    match result {
        Err(control::Error::Invalid(faults)) if faults.len() == 1 => {
            (faults[0].field.clone(), faults[0].code.to_owned())
        }
        other => panic!("{other:?}"),
    }
}

db_test! {
    async fn services_are_scaled_one_by_one_and_keep_it_over_all_that_follows(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", FILE).await;
        assert_eq!(fault(control::lifecycle::scale(&world.cx, app.id, Some("web"), 2).await).1, "unknown_service");
        let first = world.deploy_live(&app).await;
        let modes: Vec<_> = control::services::list(&world.cx, app.id).await.unwrap();
        let modes: Vec<_> = modes.into_iter().map(|s| (s.name, s.mode, s.single_writer)).collect();
        assert_eq!(modes, [
            ("migrate".to_owned(), Mode::Job, false),
            ("shared".to_owned(), Mode::Replicated(1), false),
            ("store".to_owned(), Mode::Replicated(1), true),
            ("web".to_owned(), Mode::Replicated(2), false),
        ]);
        assert_eq!(counts(&world, &app.stack).await, all(1, 1, 1, 2));
        let scale = async |service, replicas| {
            control::lifecycle::scale(&world.cx, app.id, service, replicas).await.map(drop)
        };
        for (service, replicas, field, code) in [
            (None, 2, "service", "required"),
            (Some("nobody"), 2, "service", "unknown_service"),
            (Some("migrate"), 2, "service", "job"),
            (Some("store"), 2, "replicas", "single_writer"),
            (Some("web"), 101, "replicas", "quota"),
        ] {
            let told = fault(scale(service, replicas).await);
            assert_eq!((told.0.as_str(), told.1.as_str()), (field, code), "{service:?}");
        }
        scale(Some("web"), 4).await.unwrap();
        scale(Some("shared"), 3).await.unwrap();
        world.drain().await;
        assert_eq!(counts(&world, &app.stack).await, all(1, 3, 1, 4));

        control::lifecycle::stop(&world.cx, app.id).await.unwrap();
        world.drain().await;
        assert_eq!(counts(&world, &app.stack).await, all(0, 0, 0, 0));
        control::lifecycle::start(&world.cx, app.id).await.unwrap();
        world.drain().await;
        assert_eq!(counts(&world, &app.stack).await, all(1, 3, 1, 4));

        world.deploy_live(&app).await;
        assert_eq!(counts(&world, &app.stack).await, all(1, 3, 1, 4), "a deployment keeps it");
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        let oldest = releases.iter().find(|release| release.deployment == first.id).unwrap();
        control::deployments::rollback(&world.cx, app.id, Some(oldest.id), None).await.unwrap();
        world.drain().await;
        assert_eq!(counts(&world, &app.stack).await, all(1, 3, 1, 4), "and so does a release of before");
        scale(Some("web"), 0).await.unwrap();
        world.drain().await;
        assert_eq!(counts(&world, &app.stack).await, all(1, 3, 1, 0), "one service rests");
    }

    async fn one_service_is_restarted_and_no_other(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", FILE).await;
        world.deploy_live(&app).await;
        let forced = async || {
            let observed = world.parts.engine.observe(&app.stack).await.unwrap();
            let force = |service: &skep_stack::models::Service| {
                service.spec.as_ref()?.task_template.as_ref()?.force_update
            };
            observed.services.iter().filter(|(_, s)| force(s).unwrap_or(0) > 0).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let restart = async |service| control::lifecycle::restart(&world.cx, app.id, service).await.map(drop);
        assert_eq!(fault(restart(Some("migrate")).await).1, "job");
        assert_eq!(fault(restart(Some("web2")).await).1, "unknown_service");
        assert!(forced().await.is_empty());
        restart(Some("web")).await.unwrap();
        world.drain().await;
        assert_eq!(forced().await, [format!("{}_web", app.stack)]);
        restart(None).await.unwrap();
        world.drain().await;
        assert_eq!(forced().await.len(), 3, "all but the job");
    }

    async fn the_log_is_that_of_all_services_or_of_one(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", FILE).await;
        world.deploy_live(&app).await;
        for service in ["web", "store", "elsewhere"] {
            world.engine.add_log(LogLine {
                at: Some(world.cx.parts.clock.now()),
                service: format!("{}_{service}", app.stack),
                task: None,
                stderr: false,
                line: format!("{service} speaks"),
            });
        }
        let read = async |service: Option<&str>| -> Vec<String> {
            let lines = control::logs::follow(&world.cx, app.id, service, LogQuery::default()).await.unwrap();
            let mut lines: Vec<_> = lines.map_ok(|line| line.line).try_collect().await.unwrap();
            lines.sort();
            lines
        };
        assert_eq!(read(None).await, ["store speaks", "web speaks"]);
        assert_eq!(read(Some("web")).await, ["web speaks"]);
        let unknown = control::logs::follow(&world.cx, app.id, Some("elsewhere"), LogQuery::default()).await;
        assert_eq!(fault(unknown.map(drop)).1, "unknown_service");
    }
}
