//! One server process, started with what an operator would give it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::Client;
use skep_tests::parts::{process::Process, until};

use super::part;

/// Random once; the same at each start of a server of these tests.
const KEY: &str = "5f1d0c7be2a94836b0d3f7719e4a2c58d6603e8f1b2947ac95e0d1387cfa624b";
/// The one-time token of the first admin.
pub const SETUP: &str = "a-setup-token-that-is-long-enough-for-it";

/// What a server is started with.
#[derive(Clone)]
pub struct Settings {
    /// Its data and its logs.
    pub folder: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where Traefik reaches Skep: the same for all servers of one instance.
    pub edge_callback: SocketAddr,
    /// In front of all names of the test.
    pub prefix: String,
    /// What Traefik shows.
    pub edge_token: String,
    /// Postgres and Redis; none: embedded.
    pub cluster: Option<(String, String)>,
    /// The engine's address.
    pub engine: String,
}

/// A running server.
pub struct Server {
    pub settings: Settings,
    process: Process,
    http: Client,
    starts: u32,
}

impl Server {
    /// Starts one; it is ready.
    pub async fn start(settings: Settings) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let process = serve(&settings, None, 0);
        let mut server = Self { settings, process, http, starts: 0 };
        server.ready().await;
        server
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.settings.listen)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has written.
    pub fn output(&self) -> String {
        self.process.output()
    }

    /// Ends it by SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends it, if it runs, and starts it again, to die at a fault point.
    pub async fn restart(&mut self, fault: Option<&str>) {
        self.process.kill();
        self.starts += 1;
        self.process = serve(&self.settings, fault, self.starts);
        self.ready().await;
    }

    async fn ready(&mut self) {
        until("the server is ready", async || {
            self.process.check();
            self.http.get(self.url("/ready")).send().await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    /// Waits until the server has killed itself.
    pub async fn until_dead(&self, patience: Duration) {
        let begin = Instant::now();
        while self.http.get(self.url("/live")).send().await.is_ok() {
            assert!(begin.elapsed() < patience, "the fault point was not reached:\n{}", self.output());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn serve(settings: &Settings, fault: Option<&str>, start: u32) -> Process {
    let data = settings.folder.join("data");
    let machine = settings.listen.ip();
    let data = data.to_str().expect("a path");
    let listen = settings.listen.to_string();
    let callback = format!("http://{}", settings.edge_callback);
    let allow = format!("{machine}/32");
    let edge = part("SKEP_TEST_ENGINE_ADDRESS");
    let (directory, ca) = (part("SKEP_TEST_ACME_DIRECTORY"), part("SKEP_TEST_ACME_CA_FILE"));
    let base = format!("{}.example.org", settings.prefix);
    let mut variables = vec![
        ("PATH", "/usr/bin:/bin"),
        ("DOCKER_HOST", settings.engine.as_str()),
        ("SKEP_EDGE_TOKEN", &settings.edge_token),
        ("SKEP_SETUP_TOKEN", SETUP),
        ("SKEP_EDGE_CALLBACK", &callback),
        ("SKEP_ALLOW_ADDRESSES", &allow),
        ("SKEP_PUBLIC_ADDRESS", &edge),
        ("SKEP_GIT_ALLOW_HTTP", "true"),
        ("SKEP_BASE_DOMAIN", &base),
        ("SKEP_ACME_DIRECTORY", &directory),
        ("SKEP_ACME_CA_FILE", &ca),
        ("SKEP_LOG", "debug"),
    ];
    if let Some((database, redis)) = &settings.cluster {
        variables.extend([("DATABASE_URL", database.as_str()), ("REDIS_URL", redis), ("SKEP_KEY", KEY)]);
    }
    if let Some(fault) = fault {
        variables.push(("SKEP_FAULT", fault));
    }
    let log = settings.folder.join(format!("server-{start}.log"));
    Process::start(
        Path::new(&part("SKEP_BIN")),
        &["serve", "--data", data, "--listen", &listen],
        &variables,
        log,
    )
}
