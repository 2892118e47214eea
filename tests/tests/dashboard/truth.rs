//! Pages say what is so: states by observed tasks, `unknown` when the engine does not tell.

use skep::{
    control::{self, apps::Change},
    domain::app::Settings,
};
use skep_tests::{db_test, world::World};
use skep_web::api::{AppId, AppState, Cause, DeploymentId, DeploymentState, StepState};

use crate::own;

db_test! {
    async fn an_app_is_shown_as_it_runs(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        world.git.push(skep_tests::world::REPOSITORY, "main", "First\n\nmore", &[("Dockerfile", "FROM scratch")]);
        let id = AppId(app.id.to_string());
        let before = own(&world).app(&id).await.unwrap();
        assert_eq!((before.line.state, before.release.is_none()), (AppState::Empty, true));
        assert_eq!(before.line.source, "git.example.org/acme/shop · main");

        let live = world.deploy_live(&app).await;
        let view = own(&world).app(&id).await.unwrap();
        assert_eq!(view.line.state, AppState::Running, "{:?}", view.tasks);
        assert_eq!((view.line.running, view.line.wanted), (Some(1), 1));
        let tasks = view.tasks.unwrap();
        assert_eq!((tasks[0].slot.as_str(), tasks[0].node.as_str(), tasks[0].healthy), ("1", "m1", true));
        assert!(!view.changed && view.active.is_none() && view.unknown_reason.is_none());
        let release = view.release.unwrap();
        assert_eq!((release.number, release.title.as_deref(), release.current), (1, Some("First"), true));
        assert_eq!(view.line.url.unwrap(), view.urls[0]);
        assert!(view.urls[0].starts_with("http://"), "no certificate yet: {:?}", view.urls);

        let deployment = own(&world).deployment(&DeploymentId(live.id.to_string())).await.unwrap();
        assert_eq!(deployment.line.state, DeploymentState::Live);
        assert!(matches!(&deployment.line.cause, Cause::Person { email } if email == "owner@example.org"));
        assert_eq!(deployment.steps.len(), 7);
        assert!(deployment.steps.iter().all(|step| step.state == StepState::Done), "{:?}", deployment.steps);
        let plan = deployment.plan.unwrap();
        assert!(plan.iter().any(|action| action.what == "service"), "{plan:?}");
        assert!(deployment.release_diff.is_none(), "there was none before it");
        let next = own(&world).plan(&id).await.unwrap();
        assert!(next.actions.is_empty() && next.notes[0].contains("which serves"), "{next:?}");
        let lines = own(&world).deployment_log(&deployment.line.id, 3).await.unwrap();
        assert_eq!(lines.len(), 3);
        let all = own(&world).deployment_log(&deployment.line.id, 5000).await.unwrap();
        assert_eq!(all.last().unwrap().seq, lines[2].seq, "the last lines");
    }

    async fn scaling_waits_for_no_deployment_and_a_setting_does(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        let view = async || own(&world).app(&AppId(app.id.to_string())).await.unwrap();
        control::lifecycle::scale(&world.cx, app.id, None, 2).await.unwrap();
        world.drain().await;
        let scaled = view().await;
        assert_eq!((scaled.line.wanted, scaled.changed), (2, false));
        let settings = Settings { replicas: Some(2), init: Some(true), ..Settings::default() };
        let change = Change { settings: Some(settings), ..Change::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        assert!(view().await.changed);
        // What waits goes on waiting when the app is scaled meanwhile.
        control::lifecycle::scale(&world.cx, app.id, None, 3).await.unwrap();
        assert!(view().await.changed);
        world.deploy_live(&app).await;
        let deployed = view().await;
        assert_eq!((deployed.line.wanted, deployed.changed), (3, false));
    }

    async fn fault_29_an_engine_that_is_silent_leaves_everything_unknown(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        let stopped = world.image_app("blog", "registry.example.org/blog:1").await;
        world.deploy_live(&stopped).await;
        skep::control::lifecycle::stop(&world.cx, stopped.id).await.unwrap();
        world.drain().await;
        let states = async || {
            let overview = own(&world).overview().await.unwrap();
            let apps = overview.projects.iter().flat_map(|p| &p.environments).flat_map(|e| &e.apps);
            let apps: Vec<_> = apps.map(|app| (app.name.clone(), app.state, app.running)).collect();
            (overview.engine, apps)
        };
        world.engine.tick(10);
        let (engine, apps) = states().await;
        assert!(engine.known && engine.seen_at.is_some() && engine.nodes == Some((1, 1)));
        let expected = [("blog", AppState::Stopped, Some(0)), ("shop", AppState::Running, Some(1))];
        assert_eq!(apps, expected.map(|(name, state, running)| (name.to_owned(), state, running)));

        world.engine.set_down(true);
        let (engine, apps) = states().await;
        assert!(!engine.known && engine.reason.is_some());
        assert!(apps.iter().all(|(_, state, running)| *state == AppState::Unknown && running.is_none()));
        let view = own(&world).app(&AppId(app.id.to_string())).await.unwrap();
        assert!(view.tasks.is_none() && view.unknown_reason.is_some());
        assert!(matches!(own(&world).nodes().await, Err(skep_web::api::Error::Unavailable(_))));
    }

    async fn what_differs_between_two_releases_is_told_without_values(db: TestDb) {
        use skep::{control::variables::{NewVariable, put_many}, domain::{secret::Secret, variable::Scope}};
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let set = async |value: &str| {
            let new = NewVariable { key: "PASSWORD".parse().unwrap(), value: Secret::new(value), secret: true };
            put_many(&world.cx, Scope::App(app.id), &[new]).await.unwrap();
        };
        set("hunter2-hunter2").await;
        world.deploy_live(&app).await;
        set("hunter3-hunter3").await;
        let api = own(&world);
        assert!(api.app(&AppId(app.id.to_string())).await.unwrap().changed);
        let live = world.deploy_live(&app).await;
        let view = api.deployment(&DeploymentId(live.id.to_string())).await.unwrap();
        let changes = view.release_diff.unwrap();
        assert!(changes.iter().any(|change| change.path.ends_with("Env.PASSWORD")), "{changes:?}");
        let all = format!("{changes:?} {:?} {:?}", view.plan, api.app(&AppId(app.id.to_string())).await.unwrap());
        assert!(!all.contains("hunter"), "{all}");
        let releases = api.releases(&AppId(app.id.to_string())).await.unwrap();
        assert_eq!(releases.iter().map(|r| (r.number, r.current)).collect::<Vec<_>>(), [(2, true), (1, false)]);
        api.roll_back(&AppId(app.id.to_string()), &releases[1].id, Some("too soon")).await.unwrap();
        world.drain().await;
        let page = api.deployments(&AppId(app.id.to_string()), None, 2).await.unwrap();
        assert_eq!((page.total, page.items.len(), page.next), (3, 2, Some(2)));
        assert!(matches!(&page.items[0].cause, Cause::Rollback { to: 1, .. }), "{:?}", page.items[0].cause);
        assert_eq!(page.items[0].state, DeploymentState::Live);
        let rest = api.deployments(&AppId(app.id.to_string()), page.next, 2).await.unwrap();
        assert_eq!((rest.items.len(), rest.next), (1, None));
    }

    async fn log_lines_of_an_app_are_masked(db: TestDb) {
        use skep::{control::variables::{NewVariable, put_many}, domain::{secret::Secret, variable::Scope}};
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let new = NewVariable { key: "TOKEN".parse().unwrap(), value: Secret::new("hunter2-hunter2"), secret: true };
        put_many(&world.cx, Scope::App(app.id), &[new]).await.unwrap();
        world.deploy_live(&app).await;
        for i in 0..5 {
            world.engine.add_log(skep::swarm::LogLine {
                at: None, service: app.stack.clone(), task: None, stderr: i == 4,
                line: format!("line {i} hunter2-hunter2"),
            });
        }
        let lines = own(&world).app_log(&AppId(app.id.to_string()), None, 2).await.unwrap();
        assert_eq!(lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["line 3 ••••••", "line 4 ••••••"]);
        assert!(lines[1].stderr);
    }
}
