//! What else there is in the swarm counts before the first write.

use skep::{control, domain::app::App};
use skep_tests::{db_test, world::World};

async fn refused(world: &World, app: &App) -> String {
    let before = (world.engine.effects("create_service"), world.engine.effects("create_network"));
    let failure = world.deploy(app).await.failure.unwrap();
    assert_eq!(failure.code, "invalid_settings", "{failure:?}");
    let after = (world.engine.effects("create_service"), world.engine.effects("create_network"));
    assert_eq!(before, after, "nothing is made");
    failure.message
}

fn file(lines: &str) -> String {
    format!("services:\n  web:\n    image: registry.example.org/web:7\n{lines}")
}

db_test! {
    async fn another_stacks_port_is_refused_with_its_line_and_its_own_is_not(db: TestDb) {
        let world = World::new(db).await;
        let publishing = file("    ports: [{target: 80, published: 8080, mode: host}]\n");
        let first = world.compose_app("first", &publishing).await;
        world.deploy_live(&first).await;
        let second = world.compose_app("second", &publishing).await;
        let why = refused(&world, &second).await;
        assert!(why.contains("services.web.ports (line 4, ") && why.contains("8080 is published by another stack"), "{why}");
        let plan = control::apps::plan(&world.cx, second.id, Vec::new()).await;
        assert!(format!("{plan:?}").contains("8080 is published by another stack"), "{plan:?}");
        world.deploy_live(&first).await;
    }

    async fn nodes_that_are_not_there_and_addresses_that_are_taken_are_told_together(db: TestDb) {
        let world = World::new(db).await;
        let networks = "networks:
  default: {ipam: {config: [{subnet: 10.0.0.0/8}]}}
  cloud: {ipam: {config: [{subnet: 172.31.7.0/24}]}}
";
        let lines = "    deploy: {placement: {constraints: [node.labels.zone == moon]}}\n    networks: [default, cloud]\n";
        let app = world.compose_app("shop", &format!("{}{networks}", file(lines))).await;
        let why = refused(&world, &app).await;
        assert!(why.contains("constraints (line 4, ") && why.contains("no node of this swarm meets `node.labels.zone==moon`"), "{why}");
        assert!(why.contains("networks.default.ipam (line 7, ") && why.contains("holds the address of a node"), "{why}");
        assert!(why.contains("networks.cloud.ipam (line 8, ") && why.contains("`SKEP_RESERVED_ADDRESSES` (172.31.0.0/16)"), "{why}");
    }
}
