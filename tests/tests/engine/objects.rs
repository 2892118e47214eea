//! Everything that is no service: the engine, networks, secrets, configs, images, volumes, nodes.

use futures::StreamExt;
use serde_json::json;
use skep::swarm::{Engine, EngineError};
use skep_stack::plan::Action;

use crate::lab::{run, until};

#[tokio::test]
async fn the_engine_tells_what_it_is() {
    run(async |lab| {
        let info = lab.engine.info().await.unwrap();
        assert!(info.manager && info.nodes >= 1 && info.cpus > 0 && info.memory > 0, "{info:?}");
        assert!(info.api.starts_with("1.") && !info.version.is_empty() && !info.node_id.is_empty());
        assert_eq!(info.ipvs, std::path::Path::new("/proc/net/ip_vs").exists());
        let nodes = lab.engine.nodes().await.unwrap();
        let own = nodes.iter().find(|node| node.id == info.node_id).unwrap();
        assert_eq!((own.role.as_str(), own.state.as_str(), own.leader), ("manager", "ready", true));
        assert!(own.address.parse::<std::net::IpAddr>().is_ok(), "{own:?}");
        assert_eq!((own.cpus, own.engine.as_str()), (info.cpus, info.version.as_str()));
    })
    .await;
}

#[tokio::test]
async fn networks_are_made_once_however_many_ask() {
    run(async |lab| {
        let name = format!("{}_net", lab.stack);
        let labels = [("com.docker.stack.namespace", lab.stack.as_str())];
        let make = || lab.engine.ensure_network(&name, true, &labels);
        let ids = futures::future::join_all([make(), make(), make(), make()]).await;
        let ids: Vec<String> = ids.into_iter().map(Result::unwrap).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        // The filter of the engine also finds names that only begin so.
        let longer = lab.engine.ensure_network(&format!("{name}2"), false, &labels).await.unwrap();
        assert_ne!(longer, ids[0]);
        assert_eq!(make().await.unwrap(), ids[0]);
        let seen = lab.engine.observe(&lab.stack).await.unwrap();
        assert_eq!(seen.networks[&name].id.as_ref(), Some(&ids[0]));
        assert_eq!(seen.network_names[&ids[0]], name);
        for _ in 0..2 {
            lab.engine.remove_network(&name).await.unwrap();
        }
        assert!(!lab.engine.observe(&lab.stack).await.unwrap().networks.contains_key(&name));
    })
    .await;
}

#[tokio::test]
async fn fault_05_making_and_removing_twice_is_done_once() {
    run(async |lab| {
        let name = format!("{}_x", lab.stack);
        let labels = lab.labels();
        let body = |data: &str| json!({"Name": name, "Labels": labels, "Data": data});
        let secret =
            Action::CreateSecret { name: name.clone(), body: serde_json::from_value(body("YQ==")).unwrap() };
        let config = |data| Action::CreateConfig {
            name: name.clone(),
            body: serde_json::from_value(body(data)).unwrap(),
        };
        let network = Action::CreateNetwork {
            name: name.clone(),
            body: serde_json::from_value(
                json!({"Name": name, "Driver": "overlay", "Attachable": true, "Labels": labels}),
            )
            .unwrap(),
        };
        for action in [&secret, &config("YQ=="), &network] {
            let first = lab.engine.perform(action, None).await.unwrap();
            assert_eq!(lab.engine.perform(action, None).await.unwrap(), first);
        }
        let other = lab.engine.perform(&config("Yg=="), None).await.unwrap_err();
        assert!(matches!(other, EngineError::Conflict(_)), "same name, other content: {other}");

        let seen = lab.engine.observe(&lab.stack).await.unwrap();
        assert!(seen.secrets[&name].spec.as_ref().unwrap().data.is_none());
        let id = |id: &Option<String>| id.clone().unwrap();
        for action in [
            Action::RemoveSecret { name: name.clone(), id: id(&seen.secrets[&name].id) },
            Action::RemoveConfig { name: name.clone(), id: id(&seen.configs[&name].id) },
            Action::RemoveNetwork { name: name.clone(), id: id(&seen.networks[&name].id) },
        ] {
            for _ in 0..2 {
                lab.engine.perform(&action, None).await.unwrap();
            }
        }
        let seen = lab.engine.observe(&lab.stack).await.unwrap();
        assert!(seen.secrets.is_empty() && seen.configs.is_empty() && seen.networks.is_empty());
    })
    .await;
}

#[tokio::test]
async fn images_are_known_named_and_removed() {
    run(async |lab| {
        let facts = lab.engine.image(&lab.image).await.unwrap().unwrap();
        assert!(facts.id.starts_with("sha256:"));
        assert_eq!((facts.port, facts.health, facts.user), (Some(8080), None, None));
        let name = format!("skep.invalid/{}:2", lab.stack);
        assert_eq!(lab.engine.image(&name).await.unwrap(), None);
        lab.engine.tag(&facts.id, &name).await.unwrap();
        assert_eq!(lab.engine.image(&name).await.unwrap().unwrap().id, facts.id);
        let labelled = lab.engine.images_labelled("dev.skep.test").await.unwrap();
        assert!(labelled.contains(&(name.clone(), lab.image.clone())), "{labelled:?}");
        for _ in 0..2 {
            lab.engine.remove_image(&name).await.unwrap();
        }
        assert_eq!(lab.engine.image(&name).await.unwrap(), None);
        assert!(lab.engine.image(&lab.image).await.unwrap().is_some(), "only the name goes");
    })
    .await;
}

#[tokio::test]
async fn images_go_to_a_registry_and_come_back_by_digest() {
    let registry =
        std::env::var("SKEP_TEST_REGISTRY").expect("SKEP_TEST_REGISTRY must name a registry: see tests/lab");
    run(async move |lab| {
        let name = format!("{registry}/{}:1", lab.stack);
        lab.engine.tag(&lab.image, &name).await.unwrap();
        let digest = lab.engine.push(&name, None).await.unwrap();
        assert!(digest.starts_with(&format!("{registry}/{}@sha256:", lab.stack)), "{digest}");
        lab.engine.remove_image(&name).await.unwrap();
        let came = lab.engine.pull(&digest, None).await.unwrap();
        assert!(came.digests.contains(&digest), "{came:?}");
        lab.engine.remove_image(&digest).await.unwrap();
        let missing = lab.engine.pull(&format!("{registry}/{}:none", lab.stack), None).await.unwrap_err();
        assert!(matches!(missing, EngineError::NotFound(_)), "{missing}");
        let refused = lab.engine.push(&format!("{registry}/{}:none", lab.stack), None).await.unwrap_err();
        assert!(!refused.transient(), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn fault_12_a_registry_that_is_down_is_transient() {
    run(async |lab| {
        let error = lab.engine.pull("127.0.0.1:9/x:1", None).await.unwrap_err();
        assert!(error.transient(), "{error}");
    })
    .await;
}

#[tokio::test]
async fn volumes_are_known_and_removed() {
    run(async |lab| {
        let name = format!("{}_data", lab.stack);
        assert!(!lab.engine.volume_exists(&name).await.unwrap());
        lab.engine.remove_volume(&name).await.unwrap();
        let mut spec = serde_json::to_value(lab.spec("exec /bin/busybox sleep 1000")).unwrap();
        spec["TaskTemplate"]["ContainerSpec"]["Mounts"] =
            json!([{"Type": "volume", "Source": name, "Target": "/data"}]);
        let spec = serde_json::from_value(spec).unwrap();
        lab.engine.perform(&lab.create(&spec), None).await.unwrap();
        lab.running().await;
        assert!(lab.engine.volume_exists(&name).await.unwrap());
        let refused = lab.engine.remove_volume(&name).await.unwrap_err();
        assert!(matches!(refused, EngineError::Conflict(_)), "it is in use: {refused}");
        let id = lab.engine.observe(&lab.stack).await.unwrap().services[&lab.stack].id.clone().unwrap();
        lab.engine.perform(&Action::RemoveService { name: lab.stack.clone(), id }, None).await.unwrap();
        until("the volume is free", async || lab.engine.remove_volume(&name).await.ok()).await;
        assert!(!lab.engine.volume_exists(&name).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn changes_are_hinted() {
    run(async |lab| {
        let mut changes = lab.engine.changes().await.unwrap();
        let name = format!("{}_net", lab.stack);
        let labels = [("com.docker.stack.namespace", lab.stack.as_str())];
        lab.engine.ensure_network(&name, false, &labels).await.unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(10), changes.next()).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_label_of_a_node_is_set_and_taken_away_and_others_stay() {
    run(async |lab| {
        let own = lab.engine.info().await.unwrap().node_id;
        let labels = async || {
            let nodes = lab.engine.nodes().await.unwrap();
            nodes.into_iter().find(|node| node.id == own).unwrap().labels
        };
        // A key of this test's own: others run on the same node.
        let (kept, key) = (format!("{}.kept", lab.stack), format!("{}.label", lab.stack));
        lab.engine.label_node(&own, &kept, Some("yes")).await.unwrap();
        for value in ["one", "two"] {
            lab.engine.label_node(&own, &key, Some(value)).await.unwrap();
            assert_eq!(labels().await.get(&key).map(String::as_str), Some(value));
        }
        for _ in 0..2 {
            lab.engine.label_node(&own, &key, None).await.unwrap();
            assert_eq!(labels().await.get(&key), None);
        }
        assert_eq!(labels().await.get(&kept).map(String::as_str), Some("yes"));
        lab.engine.label_node(&own, &kept, None).await.unwrap();
        let nobody = lab.engine.label_node("nobody", &key, Some("x")).await;
        assert!(matches!(nobody, Err(EngineError::NotFound(_))), "{nobody:?}");
    })
    .await;
}
