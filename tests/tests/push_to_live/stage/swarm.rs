//! Engines of a test's own, that it may kill and cut off; they go with the test.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A swarm of one manager, `m1`, and some workers: `w1`...
pub struct Swarm {
    folder: tempfile::TempDir,
    net: String,
}

impl Swarm {
    /// Starts one.
    pub fn start() -> Self {
        Self::with_workers(0)
    }

    /// Starts one with so many workers.
    pub fn with_workers(workers: u32) -> Self {
        let id = uuid::Uuid::new_v4().into_bytes();
        let net = format!("10.{}.{}", 200 + id[0] % 50, id[1]);
        let swarm = Self { folder: tempfile::tempdir().expect("a folder"), net };
        let engine = std::env::var("SKEP_LAB_ENGINE").unwrap_or_else(|_| "20".to_owned());
        let workers = workers.to_string();
        let words = ["--net", &swarm.net, "--engine", &engine, "--managers", "1", "--workers", &workers];
        swarm.lab(&[&["up"][..], &words].concat());
        swarm
    }

    /// The address of the manager's engine.
    pub fn engine(&self) -> String {
        self.engine_of("m1")
    }

    /// A node's address.
    pub fn engine_of(&self, node: &str) -> String {
        format!("unix://{}", self.folder().join(node).join("run/docker.sock").display())
    }

    /// The manager's address.
    pub fn address(&self) -> String {
        format!("{}.11", self.net)
    }

    /// The address of this machine, as the nodes reach it.
    pub fn machine(&self) -> String {
        format!("{}.1", self.net)
    }

    /// Takes a node's cable out.
    pub fn cut(&self, node: &str) {
        self.lab(&["cut", node]);
    }

    /// Puts it in again.
    pub fn heal(&self, node: &str) {
        self.lab(&["heal", node]);
    }

    /// The engine dies, and all containers of the node with it.
    pub fn kill(&self) {
        self.lab(&["kill", "m1"]);
    }

    /// It starts again, with the same data.
    pub fn start_again(&self) {
        self.lab(&["start", "m1"]);
    }

    fn lab(&self, words: &[&str]) {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/swarm-lab");
        let (verb, rest) = words.split_first().expect("a verb");
        let status = Command::new(program).arg(verb).arg("--dir").arg(self.folder()).args(rest).status();
        assert!(status.expect("swarm-lab runs").success(), "swarm-lab {words:?}");
    }

    fn folder(&self) -> PathBuf {
        self.folder.path().join("lab")
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        self.lab(&["down"]);
    }
}
