//! A private registry: Debian's `docker-registry` with one user, inside the lab's node, on its
//! loopback. From there alone every builder takes images without a certificate.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{free_ports, process::Process, until};

/// Who may come in.
pub const USER: &str = "robot";
/// With this word.
pub const PASSWORD: &str = "the-robots-word";
/// A line of `htpasswd -B` for both.
const LINE: &str = "robot:$2y$05$jQo/N.LuRTxJl4lKUHDEiuklzFhrUoA3nzA3pF4/DMYxCNxxiHhn6\n";

/// A registry of its own for one test.
#[derive(Debug)]
pub struct Registry {
    folder: TempDir,
    host: String,
    namespace: String,
    process: Process,
}

impl Registry {
    /// Starts one, empty.
    ///
    /// # Panics
    /// There is no `docker-registry`, or it does not answer.
    pub async fn start() -> Self {
        let [port] = free_ports::<1>();
        let host = format!("127.0.0.1:{port}");
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(folder.path().join("users"), LINE).expect("a file");
        let config = format!(
            "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
             http: {{addr: \"{host}\"}}\nauth: {{htpasswd: {{realm: lab, path: {}}}}}\n",
            path("data"),
            path("users"),
        );
        std::fs::write(folder.path().join("config.yml"), config).expect("a file");
        let namespace = namespace();
        let process = serve(&folder, &namespace);
        let mut registry = Self { folder, host, namespace, process };
        registry.ready().await;
        registry
    }

    /// `address:port`, as the engine finds it.
    #[must_use]
    pub fn host(&self) -> String {
        self.host.clone()
    }

    /// Ends it; what it holds stays.
    pub fn stop(&mut self) {
        self.process.kill();
    }

    /// Starts it again.
    ///
    /// # Panics
    /// It does not answer.
    pub async fn again(&mut self) {
        self.process = serve(&self.folder, &self.namespace);
        self.ready().await;
    }

    async fn ready(&mut self) {
        let url = format!("http://{}/v2/", self.host);
        let asking =
            ["netns", "exec", &self.namespace, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", &url];
        until("the registry answers", async || {
            self.process.check();
            let answer = Command::new("ip").args(asking).output().ok()?;
            (answer.stdout == b"401").then_some(())
        })
        .await;
    }
}

/// The network namespace of the lab's first node: named by its folder (`tests/lab/swarm-lab`).
fn namespace() -> String {
    let lab = std::env::var("SWARM_LAB_DIR").expect("SWARM_LAB_DIR: run tests/run");
    let mut sum =
        Command::new("md5sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("md5sum");
    sum.stdin.take().expect("its input").write_all(lab.as_bytes()).expect("it reads");
    let sum = sum.wait_with_output().expect("it ends").stdout;
    format!("sl-{}-m1", String::from_utf8_lossy(&sum).get(..8).expect("a sum"))
}

fn serve(folder: &TempDir, namespace: &str) -> Process {
    let config = folder.path().join("config.yml").display().to_string();
    let args = ["netns", "exec", namespace, "/usr/bin/docker-registry", "serve", &config];
    Process::start(&PathBuf::from("/sbin/ip"), &args, &[("PATH", "/usr/bin:/bin")], folder.path().join("log"))
}
