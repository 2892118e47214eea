//! A replica of the edge as it is shipped: the keeper with the real Traefik as its child, on loopback.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;

use super::{free_ports, process::Process, traefik::TOKEN, until};

/// A replica; what it keeps on its node stays when it is stopped.
#[derive(Debug)]
pub struct Edge {
    process: Option<Process>,
    skep: String,
    token: String,
    more: Vec<(String, String)>,
    /// Port 80.
    pub web: SocketAddr,
    /// Port 443.
    pub websecure: SocketAddr,
    /// The port for ping and metrics.
    pub internal: SocketAddr,
    /// Where Traefik asks its keeper.
    pub provider: SocketAddr,
    home: TempDir,
    starts: u32,
}

impl Edge {
    /// Starts one that asks at `skep` (`http://127.0.0.1:3000`, or several), with more settings.
    ///
    /// # Panics
    /// `SKEP_BIN` or `SKEP_TEST_TRAEFIK` does not name its program, or it does not come up.
    pub async fn start(skep: &str, more: &[(&str, &str)]) -> Self {
        Self::with_token(skep, TOKEN, more).await
    }

    /// As [`Self::start`], with a token of its own.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn with_token(skep: &str, token: &str, more: &[(&str, &str)]) -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let [web, websecure, internal, provider] = free_ports().map(local);
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let home = tempfile::tempdir().expect("a temporary folder");
        let (skep, token) = (skep.to_owned(), token.to_owned());
        let mut edge =
            Self { process: None, skep, token, more, web, websecure, internal, provider, home, starts: 0 };
        edge.again().await;
        edge
    }

    /// Starts it again on its node: it knows what it kept there.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn again(&mut self) {
        self.process = None;
        self.starts += 1;
        let program = |name: &str| {
            PathBuf::from(
                std::env::var_os(name).unwrap_or_else(|| panic!("{name} names no program: run tests/run")),
            )
        };
        let (skep, traefik) = (program("SKEP_BIN"), program("SKEP_TEST_TRAEFIK"));
        let text = |path: &Path| path.to_str().expect("a plain path").to_owned();
        let (web, websecure) = (self.web.to_string(), self.websecure.to_string());
        let (internal, provider) = (self.internal.to_string(), self.provider.to_string());
        let (keep, work, traefik) = (text(&self.kept()), text(self.home.path()), text(&traefik));
        let mut variables = vec![
            ("SKEP_EDGE_SKEP", self.skep.as_str()),
            ("SKEP_EDGE_TOKEN", &self.token),
            ("SKEP_EDGE_NODE", "node-of-the-test"),
            ("SKEP_EDGE_WEB", &web),
            ("SKEP_EDGE_WEBSECURE", &websecure),
            ("SKEP_EDGE_INTERNAL", &internal),
            ("SKEP_EDGE_PROVIDER", &provider),
            ("SKEP_EDGE_KEEP", &keep),
            ("SKEP_EDGE_WORK", &work),
            ("SKEP_EDGE_TRAEFIK", &traefik),
            ("SKEP_LOG", "info"),
        ];
        variables.extend(self.more.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let log = self.home.path().join(format!("log-{}", self.starts));
        let mut process = Process::start(&skep, &["edge", "run"], &variables, log);
        let ping = format!("http://{}/ping", self.internal);
        until("Traefik answers its ping", async || {
            process.check();
            reqwest::get(&ping).await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
        self.process = Some(process);
    }

    /// Ends it as Swarm would; its exit code.
    ///
    /// # Panics
    /// It does not run.
    pub async fn stop(&mut self) -> Option<i32> {
        let mut process = self.process.take().expect("it runs");
        process.terminate();
        let end = tokio::task::spawn_blocking(move || process.ended());
        end.await.expect("it is waited for")
    }

    /// The folder that is its node's.
    #[must_use]
    pub fn kept(&self) -> PathBuf {
        self.home.path().join("kept")
    }

    /// The process id of the keeper.
    ///
    /// # Panics
    /// It does not run.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// All that it has written since it was started last.
    #[must_use]
    pub fn output(&self) -> String {
        self.process.as_ref().map(Process::output).unwrap_or_default()
    }

    /// What the keeper says of itself.
    ///
    /// # Panics
    /// It does not answer.
    pub async fn status(&self) -> serde_json::Value {
        let answer =
            reqwest::get(format!("http://{}/status", self.provider)).await.expect("the keeper answers");
        answer.json().await.expect("JSON")
    }

    /// A client for which `hosts` lead here; trusts `root`. Each request is a new connection.
    ///
    /// # Panics
    /// `root` is no PEM.
    #[must_use]
    pub fn client(&self, hosts: &[&str], root: Option<&str>) -> reqwest::Client {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(0)
            .tls_info(true)
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
}
