//! The real Traefik, with the static configuration that is shipped, on loopback.

use std::{net::SocketAddr, path::Path, time::Duration};

use tempfile::TempDir;

use super::{free_ports, process::Process, until};

/// The bearer token in place of the one that the engine would put in.
pub const TOKEN: &str = "a-token-of-the-tests-0123456789";

/// A running Traefik.
#[derive(Debug)]
pub struct Traefik {
    process: Process,
    /// Port 80.
    pub web: SocketAddr,
    /// Port 443.
    pub websecure: SocketAddr,
    /// The port for ping and metrics.
    pub internal: SocketAddr,
    _home: TempDir,
}

impl Traefik {
    /// Starts it; `provider` is where it asks for its dynamic configuration, in place of
    /// the keeper. It may not be there yet.
    ///
    /// # Panics
    /// `SKEP_TEST_TRAEFIK` does not name the program, or it does not come up.
    pub async fn start(provider: SocketAddr) -> Self {
        Self::start_with(provider, &[]).await
    }

    /// The same with further entry points: their names and addresses.
    ///
    /// # Panics
    /// See [`Self::start`].
    pub async fn start_with(provider: SocketAddr, further: &[(String, String)]) -> Self {
        let program = std::env::var_os("SKEP_TEST_TRAEFIK").expect(
            "this test needs Traefik: export SKEP_TEST_TRAEFIK=$(deploy/images/traefik/fetch), or run tests/run",
        );
        let [web, websecure, internal] = free_ports();
        let home = tempfile::tempdir().expect("a temporary folder");
        let file = home.path().join("traefik.yml");
        let entry = |(name, address): &(String, String)| format!("  {name}:\n    address: \"{address}\"\n");
        let further: String = further.iter().map(entry).collect();
        let text = settings(provider, web, websecure, internal);
        let text = text.replacen("entryPoints:\n", &format!("entryPoints:\n{further}"), 1);
        std::fs::write(&file, text).expect("it can be written");
        let argument = format!("--configfile={}", file.display());
        let log = home.path().join("log");
        let mut process = Process::start(Path::new(&program), &[&argument], &[], log);
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let ping = format!("http://127.0.0.1:{internal}/ping");
        until("Traefik answers its ping", async || {
            process.check();
            reqwest::get(&ping).await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
        Self { process, web: local(web), websecure: local(websecure), internal: local(internal), _home: home }
    }

    /// A client for which `hosts` lead here, on both ports; follows no redirects, trusts `root`.
    ///
    /// # Panics
    /// `root` is no PEM.
    #[must_use]
    pub fn client(&self, hosts: &[&str], root: Option<&str>) -> reqwest::Client {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .no_proxy();
        for host in hosts {
            builder = builder.resolve(host, self.web);
        }
        if let Some(root) = root {
            let root = reqwest::Certificate::from_pem(root.as_bytes()).expect("a PEM certificate");
            builder = builder.add_root_certificate(root);
        }
        builder.build().expect("a client")
    }

    /// The address of `path` at `host` by plain http.
    #[must_use]
    pub fn http(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.web.port())
    }

    /// The address of `path` at `host` by https.
    #[must_use]
    pub fn https(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.websecure.port())
    }

    /// Lines of its log at level `error` that are not about fetching the configuration.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let output = self.process.output();
        let fault =
            |line: &&str| line.contains("\"level\":\"error\"") && !line.contains("\"providerName\":\"http\"");
        output.lines().filter(fault).map(str::to_owned).collect()
    }

    /// All that it has written.
    #[must_use]
    pub fn output(&self) -> String {
        self.process.output()
    }
}

/// The shipped file with other ports, and a provider in place of the keeper: who gives it answers at once,
/// so it is asked each second, and sees the token that a keeper shows.
fn settings(provider: SocketAddr, web: u16, websecure: u16, internal: u16) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/traefik/traefik.yml");
    let mut text = std::fs::read_to_string(file).expect("the shipped configuration");
    for (shipped, ours) in [
        ("\":80\"", format!("\"127.0.0.1:{web}\"")),
        ("\":443\"", format!("\"127.0.0.1:{websecure}\"")),
        ("\":8082\"", format!("\"127.0.0.1:{internal}\"")),
        ("http://127.0.0.1:8081", format!("http://{provider}")),
        ("pollTimeout: 40s", format!("pollTimeout: 5s\n    headers: {{ Authorization: Bearer {TOKEN} }}")),
        ("pollInterval: 100ms", "pollInterval: 1s".to_owned()),
    ] {
        assert_eq!(text.matches(shipped).count(), 1, "{shipped} is in the file once");
        text = text.replace(shipped, &ours);
    }
    text
}
