//! How services are found: by addresses of their own where the kernel has IPVS, by those of their
//! tasks where it has not; and what runs stays as it is found as long as that works.

use skep::{
    control::{self, Error},
    domain::app::{App, Settings},
};
use skep_stack::{models::EndpointSpecModeEnum as Mode, vip};
use skep_tests::{db_test, world::World};

const FILE: &str = "services:\n  web: {image: 'registry.example.org/web:7', ports: ['8080:80']}\n";

async fn mode(world: &World, app: &App) -> Mode {
    let observed = world.parts.engine.observe(&app.stack).await.unwrap();
    vip::runs(observed.services.values().next().unwrap().spec.as_ref().unwrap())
}

async fn tasks(world: &World, app: &App) -> Vec<String> {
    let tasks = world.parts.engine.tasks(&app.stack).await.unwrap();
    let running = tasks.into_iter().filter(|task| task.desired == "running" && task.state == "running");
    running.map(|task| task.id).collect()
}

fn settings(mode: Option<&str>) -> Settings {
    serde_json::from_value(serde_json::json!({
        "port": 8080, "update": {"monitor": "1s", "deadline": "30s"},
        "publish": [{"target": 80, "published": 9000, "mode": mode}]
    }))
    .unwrap()
}

db_test! {
    async fn what_runs_restarts_for_no_detection_that_it_can_live_with(db: TestDb) {
        let world = World::new(db).await;
        for app in [world.compose_app("all", FILE).await, world.image_app("one", "registry.example.org/one:1").await] {
            world.engine.set_ipvs(false);
            world.deploy_live(&app).await;
            let before = tasks(&world, &app).await;
            assert_eq!((mode(&world, &app).await, before.len()), (Mode::DNSRR, 1), "{}", app.name.as_str());
            world.engine.reset_counts();
            world.engine.set_ipvs(true);
            world.deploy_live(&app).await;
            assert_eq!((mode(&world, &app).await, tasks(&world, &app).await), (Mode::DNSRR, before));
            assert_eq!(world.engine.effects("update_service"), 0);
        }
    }

    async fn an_address_of_its_own_goes_with_the_kernel_and_not_with_a_second_node(db: TestDb) {
        let world = World::new(db).await;
        world.engine.set_ipvs(true);
        for app in [world.compose_app("all", FILE).await, world.image_app("one", "registry.example.org/one:1").await] {
            world.engine.set_ipvs(true);
            world.engine.set_nodes(&["n1"]);
            let first = world.deploy_live(&app).await;
            let before = tasks(&world, &app).await;
            assert_eq!(mode(&world, &app).await, Mode::VIP);
            world.engine.set_nodes(&["n1", "n2"]);
            world.engine.reset_counts();
            world.deploy_live(&app).await;
            assert_eq!((mode(&world, &app).await, tasks(&world, &app).await), (Mode::VIP, before.clone()));
            assert_eq!(world.engine.effects("update_service"), 0);

            // Nobody answers there any more: it is moved, and so is a release that had it.
            world.engine.set_ipvs(false);
            world.deploy_live(&app).await;
            assert_eq!(mode(&world, &app).await, Mode::DNSRR);
            assert!(tasks(&world, &app).await.iter().all(|task| !before.contains(task)), "a new mode is new tasks");
            let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
            let oldest = releases.iter().find(|release| release.deployment == first.id).unwrap();
            control::deployments::rollback(&world.cx, app.id, Some(oldest.id), None).await.unwrap();
            world.drain().await;
            assert_eq!(mode(&world, &app).await, Mode::DNSRR, "{}", app.name.as_str());
        }
        // Of the other nodes' kernels nothing is known: a new app gets one only if it asks.
        world.engine.set_ipvs(true);
        let plain = world.compose_app("plain", FILE).await;
        world.deploy_live(&plain).await;
        let asks = world.compose_app("asks", "services:\n  web: {image: 'registry.example.org/web:7', deploy: {endpoint_mode: vip}}\n").await;
        world.deploy_live(&asks).await;
        assert_eq!((mode(&world, &plain).await, mode(&world, &asks).await), (Mode::DNSRR, Mode::VIP));
    }

    async fn a_port_of_the_mesh_is_refused_at_once_where_the_deployment_would(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("one", "registry.example.org/one:1").await;
        let set = async |mode| {
            let change = control::apps::Change { settings: Some(settings(mode)), ..Default::default() };
            control::apps::configure(&world.cx, app.id, change).await
        };
        let refused = set(Some("ingress")).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(faults)) if faults[0].field == "settings.publish[0].mode" && faults[0].code == "ingress_unavailable"),
            "{refused:?}"
        );
        set(None).await.unwrap();
        world.deploy_live(&app).await;
        assert_eq!(mode(&world, &app).await, Mode::DNSRR);
        world.engine.set_ipvs(true);
        set(Some("ingress")).await.unwrap();
        world.deploy_live(&app).await;
        assert_eq!(mode(&world, &app).await, Mode::VIP, "the mesh needs it");
        // The module is gone: what is changed elsewhere is taken, and the deployment says it.
        world.engine.set_ipvs(false);
        let change = control::apps::Change { auto_deploy: Some(false), ..Default::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let failure = world.deploy(&app).await.failure.unwrap();
        assert!(failure.message.contains("settings.publish[0].mode"), "{failure:?}");
    }
}
