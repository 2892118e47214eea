//! A private registry: Debian's `docker-registry` with one user and a certificate that the lab's
//! engine trusts, on the machine's side of the engine's network. (Builders take plain HTTP from no
//! registry that the engine was not told by name.)

use std::path::PathBuf;

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
    process: Process,
    trusted: PathBuf,
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.trusted));
    }
}

impl Registry {
    /// Starts one, empty.
    ///
    /// # Panics
    /// There is no `docker-registry`, or it does not answer.
    pub async fn start() -> Self {
        let machine =
            std::env::var("SKEP_TEST_MACHINE_ADDRESS").expect("SKEP_TEST_MACHINE_ADDRESS: run tests/run");
        let [port] = free_ports::<1>();
        let host = format!("{machine}:{port}");
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(folder.path().join("users"), LINE).expect("a file");
        let signed = rcgen::generate_simple_self_signed(vec![machine.clone()]).expect("a certificate");
        std::fs::write(folder.path().join("cert.pem"), signed.cert.pem()).expect("a file");
        std::fs::write(folder.path().join("key.pem"), signed.signing_key.serialize_pem()).expect("a file");
        let lab = std::env::var("SWARM_LAB_DIR").expect("SWARM_LAB_DIR: run tests/run");
        let trusted = PathBuf::from(lab).join("m1/etc/certs.d").join(&host);
        std::fs::create_dir_all(&trusted).expect("a folder");
        std::fs::write(trusted.join("ca.crt"), signed.cert.pem()).expect("a file");
        let config = format!(
            "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
             http: {{addr: \"{host}\", tls: {{certificate: {}, key: {}}}}}\nauth: {{htpasswd: {{realm: lab, path: {}}}}}\n",
            path("data"),
            path("cert.pem"),
            path("key.pem"),
            path("users"),
        );
        std::fs::write(folder.path().join("config.yml"), config).expect("a file");
        let process = serve(&folder);
        let mut registry = Self { folder, host, process, trusted };
        registry.ready().await;
        registry
    }

    /// `address:port`.
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
        self.process = serve(&self.folder);
        self.ready().await;
    }

    async fn ready(&mut self) {
        let url = format!("https://{}/v2/", self.host);
        let client = reqwest::Client::builder().danger_accept_invalid_certs(true).build().expect("a client");
        until("the registry answers", async || {
            self.process.check();
            client.get(&url).send().await.ok().filter(|answer| answer.status() == 401)
        })
        .await;
    }
}

fn serve(folder: &TempDir) -> Process {
    let config = folder.path().join("config.yml").display().to_string();
    let program = PathBuf::from("/usr/bin/docker-registry");
    Process::start(&program, &["serve", &config], &[], folder.path().join("log"))
}
