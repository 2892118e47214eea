//! A swarm of two nodes, of which one loses its power.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use skep::swarm::{DockerEngine, Engine, LogQuery, address::Address};

use crate::lab::{Lab, image, until};

/// A swarm of its own, which goes with it.
struct Swarm(tempfile::TempDir);

impl Swarm {
    fn start() -> Self {
        let swarm = Self(tempfile::tempdir().unwrap());
        let id = uuid::Uuid::new_v4().into_bytes();
        let net = format!("10.{}.{}", 200 + id[0] % 50, id[1]);
        swarm.lab(&["up", "--net", &net, "--managers", "1", "--workers", "1"]);
        swarm
    }

    fn lab(&self, words: &[&str]) {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/swarm-lab");
        let (verb, rest) = words.split_first().unwrap();
        let status = Command::new(program).arg(verb).arg("--dir").arg(self.folder()).args(rest).status();
        assert!(status.unwrap().success(), "swarm-lab {words:?}");
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("lab")
    }

    fn engine(&self, node: &str) -> Arc<DockerEngine> {
        Arc::new(DockerEngine::new(Address::Unix(self.folder().join(node).join("run/docker.sock"))))
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        self.lab(&["down"]);
    }
}

#[tokio::test]
async fn fault_29_logs_of_a_dead_node_end_and_say_that_something_is_missing() {
    crate::lab::address(); // the same rule for all: without an engine to test on it fails
    let swarm = Swarm::start();
    let lab =
        Lab { engine: swarm.engine("m1"), stack: "dead".to_owned(), image: image(&swarm.engine("w1")).await };
    let mut spec = serde_json::to_value(lab.spec("echo here; exec /bin/busybox sleep 1000")).unwrap();
    spec["TaskTemplate"]["Placement"] = serde_json::json!({"Constraints": ["node.hostname == w1"]});
    let spec = serde_json::from_value(spec).unwrap();
    lab.engine.perform(&lab.create(&spec), None).await.unwrap();
    let task = lab.running().await;
    let lines =
        || async { lab.engine.logs("dead", &LogQuery::default()).await.unwrap().collect::<Vec<_>>().await };
    until("its line comes from the other node", async || {
        lines().await.iter().flatten().any(|line| line.line == "here").then_some(())
    })
    .await;

    swarm.lab(&["kill", "w1"]);
    let began = Instant::now();
    let found = lines().await;
    println!("ended after {:.1} s", began.elapsed().as_secs_f64());
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(found.last().is_some_and(Result::is_err), "{found:?}");

    let node = until("the node is known to be down", async || {
        lab.engine
            .nodes()
            .await
            .unwrap()
            .into_iter()
            .find(|node| node.hostname == "w1" && node.state == "down")
    })
    .await;
    assert_eq!(task.node, Some(node.id));
    let info = lab.engine.info().await.unwrap();
    assert_eq!((info.nodes, info.manager), (2, true));
}
