//! What there is in the swarm beside a stack.

use serde_json::json;
use skep::swarm::Engine;
use skep_stack::cluster::Port;
use skep_tests::parts::free_ports;

use crate::lab::run;

#[tokio::test]
async fn ports_of_other_stacks_ranges_of_other_networks_and_all_nodes_are_seen() {
    run(async |lab| {
        let [port] = free_ports::<1>();
        let mut spec = serde_json::to_value(lab.spec("exec /bin/busybox sleep 1000")).unwrap();
        let published =
            json!({"TargetPort": 80, "PublishedPort": port, "Protocol": "udp", "PublishMode": "host"});
        spec["EndpointSpec"] = json!({"Mode": "dnsrr", "Ports": [published]});
        let spec = serde_json::from_value(spec).unwrap();
        lab.engine.perform(&lab.create(&spec), None).await.unwrap();
        let labels = [("com.docker.stack.namespace", lab.stack.as_str())];
        let network = format!("{}_net", lab.stack);
        lab.engine.ensure_network(&network, false, &labels).await.unwrap();

        let seen = Port { number: i64::from(port), protocol: "udp".to_owned(), mesh: false };
        let others = lab.engine.around("another").await.unwrap();
        assert!(others.ports.contains(&seen), "{others:?}");
        let has = |name: &str| others.subnets.iter().find(|(network, _)| network == name);
        assert!(has("bridge").is_some_and(|(_, range)| range.contains('/')), "{others:?}");
        assert!(has(&network).is_some(), "{others:?}");
        let own = lab.engine.around(&lab.stack).await.unwrap();
        assert!(
            !own.ports.contains(&seen) && own.subnets.iter().all(|(name, _)| *name != network),
            "{own:?}"
        );
        let node = own.nodes.first().unwrap();
        assert!(!node.id.is_empty() && node.role == "manager", "{own:?}");
        assert!(node.address.parse::<std::net::IpAddr>().is_ok(), "{own:?}");
    })
    .await;
}
