//! A whole installation for one test: server process, git host, Traefik as a Swarm service,
//! Pebble, and an engine of the lab.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::Client;
use serde_json::{Value, json};
use skep::db::Location;
use skep_tests::{
    database::{Kind, TestDb},
    git_server::{self, Hook},
    parts::{free_ports, process::Process, until},
    worktree::Worktree,
};
use tempfile::TempDir;

/// Serves the page, healthy.
pub const SERVE: &str = r#"CMD ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]"#;
/// Ends at once.
pub const EXIT: &str = r#"CMD ["/busybox", "sh", "-c", "echo the shop has no door; exit 3"]"#;
/// Runs, and never listens.
pub const NEVER_HEALTHY: &str = r#"CMD ["/busybox", "sleep", "1000"]"#;
/// Listens for a second and is gone before the monitor time is over.
pub const DIES_SOON: &str =
    r#"CMD ["/busybox", "timeout", "1", "/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]"#;

/// What a test needs from the lab.
fn part(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run tests/run"))
}

/// Runs the docker client against the lab's engine.
fn docker(args: &[&str]) -> String {
    let done = Command::new("docker")
        .arg("-H")
        .arg(part("SKEP_TEST_ENGINE"))
        .args(args)
        .output()
        .expect("docker runs");
    assert!(done.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// A whole installation.
pub struct Stage {
    folder: TempDir,
    server: Process,
    listen: SocketAddr,
    git: SocketAddr,
    hook: Arc<Mutex<Option<Hook>>>,
    work: Worktree,
    token: String,
    http: Client,
    prefix: String,
    edge_token: String,
    cluster: Option<(String, String)>,
}

impl Stage {
    /// The embedded profile; Traefik only if `edge`, as it takes the node's ports.
    pub async fn new(name: &str, edge: bool) -> Self {
        Self::start(name, edge, None).await
    }

    /// The cluster profile: Postgres and Redis.
    pub async fn cluster(name: &str) -> Self {
        let db = TestDb::new(Kind::Postgres).await;
        db.db.close().await;
        let Location::Postgres(url) = &db.location else { panic!("the location of Postgres") };
        Self::start(name, false, Some((url.expose().to_owned(), part("SKEP_TEST_REDIS_URL")))).await
    }

    async fn start(name: &str, edge: bool, cluster: Option<(String, String)>) -> Self {
        let machine = part("SKEP_TEST_MACHINE_ADDRESS");
        let [server_port, git_port] = free_ports::<2>();
        let listen: SocketAddr = format!("{machine}:{server_port}").parse().expect("an address");
        let git: SocketAddr = format!("{machine}:{git_port}").parse().expect("an address");
        let folder = tempfile::tempdir().expect("a folder");
        let prefix = format!("{name}{}", std::process::id());
        let edge_token = format!("edge-token-for-the-test-of-{prefix}");
        let server = serve(folder.path(), listen, &prefix, &edge_token, cluster.as_ref(), None);
        if edge {
            traefik(folder.path(), &prefix, listen, &edge_token);
        }
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut stage = Self {
            folder,
            server,
            listen,
            git,
            hook: Arc::default(),
            work: Worktree::new(),
            token: String::new(),
            http,
            prefix,
            edge_token,
            cluster,
        };
        stage.ready().await;
        stage.token = stage.sign_up().await;
        stage
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    async fn ready(&mut self) {
        until("the server is ready", async || {
            self.server.check();
            self.http.get(self.url("/ready")).send().await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    async fn sign_up(&self) -> String {
        let admin =
            json!({"token": SETUP, "email": "admin@example.org", "password": "a long enough password"});
        let answer =
            self.http.post(self.url("/api/v1/setup")).json(&admin).send().await.expect("setup answers");
        assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
        let cookie = answer.headers()["set-cookie"]
            .to_str()
            .expect("text")
            .split(';')
            .next()
            .expect("a cookie")
            .to_owned();
        let answer = self
            .http
            .post(self.url("/api/v1/tokens"))
            .header("cookie", cookie)
            .header("origin", format!("http://{}", self.listen))
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
        let answer = self
            .http
            .post(self.url(path))
            .bearer_auth(&self.token)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "POST {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// `GET` and its JSON answer.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.url(path)).bearer_auth(&self.token).send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "GET {path}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// An app that follows `main` of a new repository, with a webhook that is told of each push.
    pub async fn app_from_git(&self, name: &str) -> String {
        let project = self.post("/api/v1/projects", json!({"name": self.prefix})).await;
        let environment = project["environments"][0]["id"].as_str().expect("an environment").to_owned();
        let app = self
            .post("/api/v1/apps", json!({
                "environment": environment, "name": name,
                "source": {"kind": "git", "url": format!("http://{}/team/{name}.git", self.git),
                           "follow": {"kind": "branch", "branch": "main"}},
                "build": {"kind": "dockerfile"},
                "settings": {"port": 8080, "stop_grace": "1s",
                             "health": {"kind": "http", "path": "/index.html", "interval": "1s", "retries": 2, "start_period": "4s"},
                             "update": {"monitor": "3s", "deadline": "90s"}},
            }))
            .await;
        let id = app["id"].as_str().expect("an id").to_owned();
        let hook = self.post(&format!("/api/v1/apps/{id}/webhooks"), json!({"provider": "generic"})).await;
        let path = hook["url"].as_str().expect("a URL");
        let path = &path[path.find("/hooks/").expect("a hook's path")..];
        let hook =
            Hook { url: self.url(path), secret: hook["secret"].as_str().expect("a secret").to_owned() };
        *self.hook.lock().expect("the hook") = Some(hook.clone());
        let root = self.folder.path().join("git");
        git_server::create(&root, &format!("team/{name}")).await.expect("a repository");
        let settings = git_server::Settings { root, login: None, hook: Some(hook), oldest_protocol: false };
        let listener = tokio::net::TcpListener::bind(self.git).await.expect("the git host listens");
        tokio::spawn(git_server::serve(listener, settings));
        id
    }

    /// Commits a version that shows `page` and is started by `command`.
    pub fn commit(&self, message: &str, page: &str, command: &str) {
        let busybox = std::fs::read("/bin/busybox").expect("busybox-static is installed");
        let path = self.work.write("busybox", busybox);
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
        self.work.write("www/index.html", format!("<h1>{page}</h1>\n"));
        self.work
            .write("Dockerfile", format!("FROM scratch\nCOPY busybox /busybox\nCOPY www /www\n{command}\n"));
        self.work.commit(message);
    }

    /// Pushes `main`.
    pub fn push(&self) {
        self.work.push(&format!("http://{}/team/shop.git", self.git), "HEAD:refs/heads/main");
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

    /// The app's generated host name.
    pub async fn host(&self, app: &str) -> String {
        let domains = self.get(&format!("/api/v1/apps/{app}/domains")).await;
        let items = domains.as_array().or_else(|| domains["items"].as_array()).expect("domains");
        items[0]["host"].as_str().expect("a host").to_owned()
    }

    /// A client that finds `host` at the edge and trusts Pebble alone.
    pub async fn client(&self, host: &str) -> Client {
        let ca = std::fs::read(part("SKEP_TEST_ACME_CA_FILE")).expect("Pebble's own CA");
        let asking = Client::builder()
            .add_root_certificate(reqwest::Certificate::from_pem(&ca).expect("a certificate"))
            .build()
            .expect("a client");
        let root = asking
            .get(part("SKEP_TEST_ACME_ROOTS"))
            .send()
            .await
            .expect("the root")
            .bytes()
            .await
            .expect("a body");
        let edge = part("SKEP_TEST_ENGINE_ADDRESS");
        // Port 0: the port of the URL counts.
        let at: SocketAddr = format!("{edge}:0").parse().expect("an address");
        Client::builder()
            .tls_built_in_root_certs(false)
            .add_root_certificate(reqwest::Certificate::from_pem(&root).expect("a certificate"))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(5))
            .resolve(host, at)
            .build()
            .expect("a client")
    }

    /// Asks for the page until it says `text`. The first order may be refused while Traefik is still
    /// starting; the second comes after two minutes.
    pub async fn answers(&self, client: &Client, host: &str, text: &str) {
        let mut last = String::new();
        for _ in 0..900 {
            match client.get(format!("https://{host}/")).send().await {
                Ok(answer) => last = answer.text().await.unwrap_or_default(),
                Err(error) => last = format!("{error:?}"),
            }
            if last.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{host} does not say {text:?} but {last}; the server says:\n{}", self.server.output());
    }

    /// Asks for the page without pause, until [`Load::finish`].
    pub async fn load(&self, host: &str) -> Load {
        let client = self.client(host).await;
        let load = Load { stop: Arc::default(), asked: Arc::default(), wrong: Arc::default() };
        let (stop, asked, wrong, host) =
            (load.stop.clone(), load.asked.clone(), load.wrong.clone(), host.to_owned());
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let answer = match client.get(format!("https://{host}/")).send().await {
                    Ok(answer) => answer.text().await.map_err(|e| e.to_string()),
                    Err(error) => Err(error.to_string()),
                };
                asked.fetch_add(1, Ordering::SeqCst);
                if !answer.as_ref().is_ok_and(|text| text.contains("hello from one")) {
                    wrong.lock().expect("the list").push(format!("{answer:?}"));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        load
    }

    /// Ends the server, if it runs, and starts it again, to die at a fault point.
    pub async fn restart(&mut self, fault: Option<&str>) {
        self.server.kill();
        self.server = serve(
            self.folder.path(),
            self.listen,
            &self.prefix,
            &self.edge_token,
            self.cluster.as_ref(),
            fault,
        );
        self.ready().await;
    }

    /// Waits until the server has killed itself.
    pub async fn until_dead(&self, patience: Duration) {
        let begin = std::time::Instant::now();
        while self.http.get(self.url("/live")).send().await.is_ok() {
            assert!(begin.elapsed() < patience, "the fault point was not reached:\n{}", self.server.output());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The service's spec now, to count updates from.
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
        docker(&["service", "inspect", &stack, "--format", format])
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let services = docker(&["service", "ls", "--format", "{{.Name}}"]);
        for service in services.lines().filter(|name| name.starts_with(&self.prefix)) {
            let _ = Command::new("docker")
                .arg("-H")
                .arg(part("SKEP_TEST_ENGINE"))
                .args(["service", "rm", service])
                .output();
        }
    }
}

/// What asks all the time.
pub struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    wrong: Arc<Mutex<Vec<String>>>,
}

impl Load {
    /// Stops asking: how often was asked, and what was answered wrongly.
    pub async fn finish(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        (self.asked.load(Ordering::SeqCst), self.wrong.lock().expect("the list").clone())
    }
}

/// Random once; the same at each start of a server of these tests.
const KEY: &str = "5f1d0c7be2a94836b0d3f7719e4a2c58d6603e8f1b2947ac95e0d1387cfa624b";
const SETUP: &str = "a-setup-token-that-is-long-enough-for-it";

fn serve(
    folder: &Path,
    listen: SocketAddr,
    prefix: &str,
    edge_token: &str,
    cluster: Option<&(String, String)>,
    fault: Option<&str>,
) -> Process {
    let data = folder.join("data");
    let machine = listen.ip();
    let data = data.to_str().expect("a path");
    let listen = listen.to_string();
    let callback = format!("http://{listen}");
    let allow = format!("{machine}/32");
    let (engine, directory, ca) =
        (part("SKEP_TEST_ENGINE"), part("SKEP_TEST_ACME_DIRECTORY"), part("SKEP_TEST_ACME_CA_FILE"));
    let base = format!("{prefix}.example.org");
    let edge = part("SKEP_TEST_ENGINE_ADDRESS");
    let mut variables = vec![
        ("PATH", "/usr/bin:/bin"),
        ("DOCKER_HOST", engine.as_str()),
        ("SKEP_EDGE_TOKEN", edge_token),
        ("SKEP_SETUP_TOKEN", SETUP),
        ("SKEP_EDGE_CALLBACK", &callback),
        ("SKEP_ALLOW_ADDRESSES", &allow),
        ("SKEP_GIT_ALLOW_HTTP", "true"),
        ("SKEP_BASE_DOMAIN", &base),
        ("SKEP_PUBLIC_ADDRESS", &edge),
        ("SKEP_ACME_DIRECTORY", &directory),
        ("SKEP_ACME_CA_FILE", &ca),
    ];
    if let Some((database, redis)) = cluster {
        variables.extend([("DATABASE_URL", database.as_str()), ("REDIS_URL", redis), ("SKEP_KEY", KEY)]);
    }
    if let Some(fault) = fault {
        variables.push(("SKEP_FAULT", fault));
    }
    let log = folder.join(format!("server-{}.log", fault.unwrap_or("run").replace(':', "-")));
    Process::start(
        Path::new(&part("SKEP_BIN")),
        &["serve", "--data", data, "--listen", &listen],
        &variables,
        log,
    )
}

/// Traefik as a Swarm service, with the static file that is shipped, on the node's ports.
fn traefik(folder: &Path, prefix: &str, skep: SocketAddr, edge_token: &str) {
    let image = "skep.invalid/traefik:test";
    if docker(&["images", "-q", image]).is_empty() {
        let context = folder.join("traefik-image");
        std::fs::create_dir_all(&context).expect("a folder");
        std::fs::copy(part("SKEP_TEST_TRAEFIK"), context.join("traefik")).expect("Traefik's program");
        let dockerfile = "FROM scratch\nCOPY traefik /traefik\nENTRYPOINT [\"/traefik\"]\n";
        std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
        docker(&["build", "-q", "-t", image, context.to_str().expect("a path")]);
    }
    let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/traefik/traefik.yml");
    let text = std::fs::read_to_string(shipped).expect("the static file");
    let text = text
        .replace("http://skep:3000", &format!("http://{skep}"))
        .replace("{{ secret \"skep_edge_token\" }}", edge_token);
    let file = folder.join("traefik.yml");
    std::fs::write(&file, text).expect("a file");
    let config = format!("{prefix}-traefik");
    docker(&["config", "create", &config, file.to_str().expect("a path")]);
    // The server may have made it already.
    let _ = Command::new("docker")
        .arg("-H")
        .arg(part("SKEP_TEST_ENGINE"))
        .args(["network", "create", "-d", "overlay", "--attachable", "skep-edge"])
        .output();
    docker(&[
        "service",
        "create",
        "-d",
        "--name",
        &format!("{prefix}-edge"),
        "--network",
        "skep-edge",
        "--endpoint-mode",
        "dnsrr",
        "--no-resolve-image",
        "--publish",
        "mode=host,target=80,published=80",
        "--publish",
        "mode=host,target=443,published=443",
        "--config",
        &format!("source={config},target=/etc/traefik/traefik.yml"),
        image,
    ]);
}
