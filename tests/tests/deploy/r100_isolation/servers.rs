//! R96: a server belongs to one environment, or is shared.

use std::collections::BTreeSet;

use skep::{
    control::{self, apps::Change, audit::Asked, nodes},
    domain::{
        app::{App, Source},
        deployment::State,
        right::{Place, Role},
    },
};
use skep_tests::db_test;

use super::{IMAGE, Two, conflict, constraints, forbidden, missing};

db_test! {
    async fn r096_r100_servers(db: TestDb) {
        let two = Two::new(db).await;
        let (cx, engine) = (&two.world.cx, &two.world.parts.engine);
        two.world.engine.set_nodes(&["m1", "n2", "n3"]);
        let apps = [two.image_app(&two.staging).await, two.image_app(&two.production).await];
        let three = || Change { source: Some(Source::Compose { text: compose() }), ..Change::default() };
        let mut placed = Vec::new();
        for app in &apps {
            let app = control::apps::configure(cx, app.id, three()).await.unwrap();
            two.world.deploy_live(&app).await;
            placed.push(app);
        }
        let [staging, production] = placed.try_into().unwrap();

        // Only the instance's owner reserves, and each change is in the log once.
        let ops = two.somebody("ops@example.org", Place::Team, Role::Owner).await;
        assert!(forbidden(nodes::reserve(&ops, "n2", two.staging.id).await));
        assert!(missing(nodes::reserve(cx, "n9", two.staging.id).await));
        let logged = async || {
            let asked = Asked { chain: "instance".to_owned(), action: "node.".to_owned(), ..Asked::default() };
            let (chain, filter) = asked.checked().unwrap();
            control::audit::list(cx, chain, &filter, 50).await.unwrap().entries.len()
        };
        nodes::reserve(cx, "n2", two.staging.id).await.unwrap();
        assert_eq!(logged().await, 1);
        assert_eq!(conflict(nodes::reserve(cx, "n2", two.production.id).await).0, "node_reserved");
        assert_eq!(conflict(nodes::release(cx, "n3").await).0, "not_reserved");
        assert_eq!(logged().await, 1);

        // From each app's next deployment on.
        let at = async |app: &App| {
            // Each look lets the swarm go on by one tick.
            for _ in 0..60 {
                engine.tasks(&app.stack).await.unwrap();
            }
            let tasks = engine.tasks(&app.stack).await.unwrap();
            let runs = tasks.into_iter().filter(|task| task.desired == "running");
            runs.filter_map(|task| task.node).collect::<BTreeSet<_>>()
        };
        let strangers = async |node: &str| {
            let all = nodes::list(cx).await.unwrap();
            let whose = all.into_iter().find(|whose| whose.node.id == node).unwrap();
            (whose.environment, whose.strangers.unwrap().into_iter().collect::<Vec<_>>())
        };
        assert_eq!(strangers("m1").await.0, None);
        assert_eq!(strangers("n2").await.0, Some(two.staging.id));
        assert!(strangers("m1").await.1.contains(&format!("{}_web", staging.stack)), "it is staging's, and not on n2 yet");
        for app in [&staging, &production] {
            two.world.deploy_live(app).await;
        }
        let own = format!("node.labels.skep.environment=={}", two.staging.id);
        let others = format!("node.labels.skep.environment!={}", two.staging.id);
        for (app, constraint) in [(&staging, &own), (&production, &others)] {
            for (name, spec) in two.services(app).await {
                assert!(constraints(&spec).contains(constraint), "{name}: {:?}", constraints(&spec));
            }
        }
        // Tasks that ran stay where their constraints hold; a new task goes where they say.
        for app in [&staging, &production] {
            control::lifecycle::restart(cx, app.id, None).await.unwrap();
            two.world.drain().await;
        }
        assert_eq!(at(&staging).await, BTreeSet::from(["n2".to_owned()]));
        assert_eq!(at(&production).await, BTreeSet::from(["m1".to_owned(), "n3".to_owned()]));
        assert!(strangers("n2").await.1.is_empty());

        // Nobody names the label.
        let text = compose().replace("{replicas: 3}", "{placement: {constraints: ['Node.Labels.skep.environment != x']}}");
        let change = Change { source: Some(Source::Compose { text }), ..Change::default() };
        let app = control::apps::configure(cx, production.id, change).await.unwrap();
        let failed = two.world.deploy(&app).await;
        assert!(failed.failure.unwrap().message.contains("must not name the label"));
        control::apps::configure(cx, production.id, three()).await.unwrap();

        // The last node goes when nothing asks for it any more.
        assert_eq!(conflict(nodes::release(cx, "n2").await).0, "last_node");
        control::lifecycle::stop(cx, staging.id).await.unwrap();
        two.world.drain().await;
        nodes::release(cx, "n2").await.unwrap();
        assert_eq!(logged().await, 2);
        control::lifecycle::start(cx, staging.id).await.unwrap();
        two.world.drain().await;
        for (_, spec) in two.services(&staging).await {
            assert!(!constraints(&spec).iter().any(|constraint| constraint.contains("skep.environment")), "{:?}", constraints(&spec));
        }
    }

    async fn r096_data_on_a_node_that_is_anothers_now_is_not_left_behind(db: TestDb) {
        let two = Two::new(db).await;
        let cx = &two.world.cx;
        two.world.engine.set_nodes(&["m1", "n2"]);
        let text = format!("services:\n  store:\n    image: {IMAGE}\n    volumes: [data:/data]\nvolumes:\n  data:\n");
        let app = two.app(&two.production, Source::Compose { text }).await.unwrap();
        two.world.deploy_live(&app).await;
        let (_, spec) = two.services(&app).await.remove(0);
        let home = constraints(&spec).iter().find_map(|constraint| constraint.strip_prefix("node.id==").map(str::to_owned)).unwrap();
        nodes::reserve(cx, &home, two.staging.id).await.unwrap();
        let failed = two.world.deploy(&app).await;
        let message = failed.failure.unwrap().message;
        assert_eq!(failed.state, State::Failed);
        assert!(message.contains(&format!("is on node {home}, where this environment may not run any more")), "{message}");
        let preview = control::apps::plan(cx, app.id, Vec::new()).await;
        assert_eq!(conflict(preview).0, "not_plannable");
        // What only starts it again leaves it where its data is.
        control::lifecycle::restart(cx, app.id, None).await.unwrap();
        two.world.drain().await;
        assert_eq!(two.services(&app).await.remove(0).1.task_template.unwrap().placement, spec.task_template.unwrap().placement);
        nodes::release(cx, &home).await.unwrap();
        two.world.deploy_live(&app).await;
    }

    async fn r096_a_new_volume_comes_to_be_on_a_node_of_its_environment(db: TestDb) {
        let two = Two::new(db).await;
        two.world.engine.set_nodes(&["m1", "n2", "n3"]);
        nodes::reserve(&two.world.cx, "n3", two.staging.id).await.unwrap();
        nodes::reserve(&two.world.cx, "m1", two.staging.id).await.unwrap();
        nodes::release(&two.world.cx, "m1").await.unwrap();
        let app = two.image_app(&two.staging).await;
        let text = format!("services:\n  store:\n    image: {IMAGE}\n    volumes: [data:/data]\nvolumes:\n  data:\n");
        let change = Change { source: Some(Source::Compose { text }), ..Change::default() };
        let app = control::apps::configure(&two.world.cx, app.id, change).await.unwrap();
        two.world.deploy_live(&app).await;
        let (_, spec) = two.services(&app).await.remove(0);
        assert!(constraints(&spec).contains(&"node.id==n3".to_owned()), "{:?}", constraints(&spec));
        // When the environment goes, its node is everybody's again.
        control::lifecycle::delete(&two.world.cx, app.id, true).await.unwrap();
        two.world.drain().await;
        control::environments::delete(&two.world.cx, two.staging.id).await.unwrap();
        assert!(nodes::list(&two.world.cx).await.unwrap().iter().all(|whose| whose.environment.is_none()));
    }
}

/// Three tasks of one service, without data.
fn compose() -> String {
    format!("services:\n  web:\n    image: {IMAGE}\n    deploy: {{replicas: 3}}\n")
}
