//! An engine of a test's own, that it may kill; it goes with the test.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A swarm of one node.
pub struct Swarm(tempfile::TempDir);

impl Swarm {
    /// Starts one.
    pub fn start() -> Self {
        let swarm = Self(tempfile::tempdir().expect("a folder"));
        let id = uuid::Uuid::new_v4().into_bytes();
        let net = format!("10.{}.{}", 200 + id[0] % 50, id[1]);
        swarm.lab(&["up", "--net", &net, "--managers", "1", "--workers", "0"]);
        swarm
    }

    /// Its address.
    pub fn engine(&self) -> String {
        format!("unix://{}", self.folder().join("m1/run/docker.sock").display())
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
        self.0.path().join("lab")
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        self.lab(&["down"]);
    }
}
