//! A whole installation for one test: server processes, git host, Traefik as a Swarm service,
//! Pebble, and an engine of the lab.

mod edge;
mod git;
mod load;
mod server;
mod swarm;

use std::{net::SocketAddr, process::Command, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};
use skep::db::Location;
use skep_tests::{
    database::{Kind, TestDb},
    parts::free_ports,
    worktree::Worktree,
};
use tempfile::TempDir;

pub use git::{DIES_SOON, EXIT, NEVER_HEALTHY, SERVE};
pub use server::{Server, Settings};
pub use swarm::Swarm;

/// The first admin's.
pub const ADMIN: (&str, &str) = ("admin@example.org", "a long enough password");

/// What a test needs from the lab.
pub fn part(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run tests/run"))
}

/// Runs the docker client against an engine.
pub fn docker(engine: &str, args: &[&str]) -> String {
    let done = Command::new("docker").arg("-H").arg(engine).args(args).output().expect("docker runs");
    assert!(done.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Runs the docker client against the lab's engine.
pub fn docker_here(args: &[&str]) -> String {
    docker(&part("SKEP_TEST_ENGINE"), args)
}

/// A whole installation.
pub struct Stage {
    folder: TempDir,
    pub server: Server,
    /// Where the git host is, and its socket until it is served: nobody else takes the port.
    git: SocketAddr,
    git_listener: Option<tokio::net::TcpListener>,
    work: Worktree,
    pub token: String,
    pub http: Client,
    hook_path: String,
    hook_secret: String,
    /// The address of the node where Traefik is.
    edge_at: String,
}

impl Stage {
    /// The embedded profile; Traefik only if `edge`, as it takes the node's ports.
    pub async fn new(name: &str, edge: bool) -> Self {
        Self::start(name, edge, None, part("SKEP_TEST_ENGINE")).await
    }

    /// The embedded profile on an engine of the test's own.
    pub async fn on(name: &str, swarm: &Swarm) -> Self {
        Self::start(name, false, None, swarm.engine()).await
    }

    /// The same, with Traefik on that swarm.
    pub async fn on_with_edge(name: &str, swarm: &Swarm) -> Self {
        let mut stage = Self::at(&swarm.machine(), name, true, None, swarm.engine()).await;
        stage.edge_at = swarm.address();
        stage
    }

    /// The cluster profile: Postgres and Redis.
    pub async fn cluster(name: &str) -> Self {
        let db = TestDb::new(Kind::Postgres).await;
        db.db.close().await;
        let Location::Postgres(url) = &db.location else { panic!("the location of Postgres") };
        let cluster = (url.expose().to_owned(), part("SKEP_TEST_REDIS_URL"));
        Self::start(name, false, Some(cluster), part("SKEP_TEST_ENGINE")).await
    }

    async fn start(name: &str, edge: bool, cluster: Option<(String, String)>, engine: String) -> Self {
        Self::at(&part("SKEP_TEST_MACHINE_ADDRESS"), name, edge, cluster, engine).await
    }

    /// `machine` is this machine's address, as the engine's containers reach it.
    async fn at(
        machine: &str,
        name: &str,
        edge: bool,
        cluster: Option<(String, String)>,
        engine: String,
    ) -> Self {
        let listen = free_address(machine);
        let git_listener =
            tokio::net::TcpListener::bind((listen.ip(), 0)).await.expect("a port for the git host");
        let git = git_listener.local_addr().expect("its address");
        let folder = tempfile::tempdir().expect("a folder");
        let prefix = format!("{name}{}", std::process::id());
        let edge_token = format!("edge-token-for-the-test-of-{prefix}");
        let settings = Settings {
            folder: folder.path().to_owned(),
            listen,
            edge_callback: listen,
            prefix,
            edge_token,
            cluster,
            engine,
        };
        if edge {
            edge::traefik(&settings.engine, folder.path(), &settings.prefix, listen, &settings.edge_token);
        }
        let server = Server::start(settings).await;
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut stage = Self {
            folder,
            server,
            git,
            git_listener: Some(git_listener),
            work: Worktree::new(),
            token: String::new(),
            http,
            hook_path: String::new(),
            hook_secret: String::new(),
            edge_at: part("SKEP_TEST_ENGINE_ADDRESS"),
        };
        stage.token = stage.sign_up().await;
        stage
    }

    /// One more server on the same database, with a folder of its own.
    pub async fn second(&self) -> Server {
        let folder = self.folder.path().join("second");
        std::fs::create_dir(&folder).expect("a folder");
        Server::start(Settings {
            folder,
            listen: free_address(&self.server.settings.listen.ip().to_string()),
            ..self.server.settings.clone()
        })
        .await
    }

    /// Where the edge takes plain http.
    pub fn edge_address(&self) -> SocketAddr {
        format!("{}:80", self.edge_at).parse().expect("an address")
    }

    /// The folder whose content is committed.
    pub fn folder_of_work(&self) -> &std::path::Path {
        self.work.path()
    }

    fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    async fn sign_up(&self) -> String {
        let admin = json!({"token": server::SETUP, "email": ADMIN.0, "password": ADMIN.1});
        let answer =
            self.http.post(self.url("/api/v1/setup")).json(&admin).send().await.expect("setup answers");
        assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
        let cookie = cookie_of(&answer);
        let answer = self
            .http
            .post(self.url("/api/v1/tokens"))
            .header("cookie", cookie)
            .header("origin", self.url(""))
            .header("sec-fetch-site", "same-origin")
            .json(&json!({"name": "test"}))
            .send()
            .await
            .expect("tokens answers");
        assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
        let made: Value = answer.json().await.expect("JSON");
        made["value"].as_str().expect("a token").to_owned()
    }

    /// `POST` and its JSON answer.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.post_at(self.server.settings.listen, path, body).await
    }

    /// `POST` at one of the servers, and its JSON answer.
    pub async fn post_at(&self, at: SocketAddr, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("http://{at}{path}")).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "POST {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// `PATCH` and its JSON answer.
    pub async fn patch(&self, path: &str, body: Value) -> Value {
        let request = self.http.patch(self.url(path)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "PATCH {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// What Traefik is told now.
    pub async fn edge(&self) -> Value {
        let asked = self.http.get(self.url("/edge/traefik")).bearer_auth(&self.server.settings.edge_token);
        asked.send().await.expect("the edge answers").json().await.expect("JSON")
    }

    /// `GET` and its JSON answer.
    pub async fn get(&self, path: &str) -> Value {
        self.get_at(self.server.settings.listen, path).await
    }

    /// `GET` at one of the servers, and its JSON answer.
    pub async fn get_at(&self, at: SocketAddr, path: &str) -> Value {
        let request = self.http.get(format!("http://{at}{path}")).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "GET {path}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The deployments of an app, newest first.
    pub async fn deployments_at(&self, at: SocketAddr, app: &str) -> Vec<Value> {
        let list = self.get_at(at, &format!("/api/v1/apps/{app}/deployments")).await;
        list["items"].as_array().expect("deployments").clone()
    }

    /// The app's deployment of that number, once it has ended.
    pub async fn ended_deployment(&self, app: &str, number: i64) -> Value {
        for _ in 0..600 {
            let answer = self
                .http
                .get(self.url(&format!("/api/v1/apps/{app}/deployments")))
                .bearer_auth(&self.token)
                .send()
                .await;
            if let Ok(answer) = answer
                && let Ok(list) = answer.json::<Value>().await
            {
                let items = list.as_array().or_else(|| list["items"].as_array()).cloned().unwrap_or_default();
                let found = items.into_iter().find(|d| d["number"] == number && d["ended"] == true);
                if let Some(found) = found {
                    return found;
                }
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("deployment {number} did not end; the server says:\n{}", self.server.output());
    }

    /// Whether the server's log holds this.
    pub fn server_says(&self, words: &str) -> bool {
        self.server.output().contains(words)
    }

    /// Ends the server, if it runs, and starts it again, to die at a fault point.
    pub async fn restart(&mut self, fault: Option<&str>) {
        self.server.restart(fault).await;
    }

    /// The service's image now, to count updates from.
    pub async fn service_version(&self, app: &str) -> String {
        self.inspect(app, "{{json .Spec.TaskTemplate.ContainerSpec.Image}}").await
    }

    /// How many versions of the image came since: 1 if the engine got exactly one update.
    pub async fn updates_since(&self, app: &str, before: &str) -> u32 {
        let now = self.inspect(app, "{{json .Spec.TaskTemplate.ContainerSpec.Image}}").await;
        let previous = self.inspect(app, "{{json .PreviousSpec.TaskTemplate.ContainerSpec.Image}}").await;
        u32::from(now != before) + u32::from(previous != before)
    }

    async fn inspect(&self, app: &str, format: &str) -> String {
        let stack =
            self.get(&format!("/api/v1/apps/{app}")).await["stack"].as_str().expect("a stack").to_owned();
        docker(&self.server.settings.engine, &["service", "inspect", &stack, "--format", format])
    }
}

/// The first cookie that an answer sets.
pub fn cookie_of(answer: &reqwest::Response) -> String {
    let line = answer.headers()["set-cookie"].to_str().expect("text");
    line.split(';').next().expect("a cookie").to_owned()
}

/// Where nobody listens yet, on this address.
fn free_address(machine: &str) -> SocketAddr {
    let [port] = free_ports::<1>();
    format!("{machine}:{port}").parse().expect("an address")
}

impl Drop for Stage {
    fn drop(&mut self) {
        let settings = &self.server.settings;
        let list = Command::new("docker")
            .arg("-H")
            .arg(&settings.engine)
            .args(["service", "ls", "--format", "{{.Name}}"])
            .output();
        let Ok(list) = list else { return };
        let names = String::from_utf8_lossy(&list.stdout).into_owned();
        for service in names.lines().filter(|name| name.starts_with(&settings.prefix)) {
            let _ = Command::new("docker")
                .arg("-H")
                .arg(&settings.engine)
                .args(["service", "rm", service])
                .output();
        }
    }
}
