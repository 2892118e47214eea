//! A renewed certificate on every replica, though Skep is killed right after its issue: the real server,
//! Pebble, and two replicas of the edge with the real Traefik. And what Skep knows of them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::{Client, tls::TlsInfo};
use serde_json::{Value, json};
use skep_tests::parts::{edge::Edge, free_ports, pebble::Pebble, process::Process, until};
use tempfile::TempDir;

const HOST: &str = "renewed.example.org";
const EDGE_TOKEN: &str = "an-edge-token-for-the-renewed-certificate";
const SETUP: &str = "a-setup-token-that-is-long-enough-for-it";

/// A server without an engine.
struct Server {
    process: Process,
    url: String,
    http: Client,
    token: String,
    _folder: TempDir,
}

impl Server {
    async fn start(port: u16, pebble: &Pebble) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = PathBuf::from(std::env::var_os("SKEP_BIN").expect("SKEP_BIN names the program"));
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let (listen, url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
        let nobody = format!("unix://{}", text(&folder.path().join("no-engine.sock")));
        let variables = [
            ("PATH", "/usr/bin:/bin"),
            ("DOCKER_HOST", nobody.as_str()),
            ("SKEP_EDGE_TOKEN", EDGE_TOKEN),
            ("SKEP_SETUP_TOKEN", SETUP),
            ("SKEP_EDGE_CALLBACK", &url),
            ("SKEP_ACME_DIRECTORY", &pebble.directory()),
            ("SKEP_ACME_CA_FILE", &text(&pebble.ca_file())),
        ];
        let words = ["serve", "--data", &text(&folder.path().join("data")), "--listen", &listen];
        let mut process = Process::start(&program, &words, &variables, folder.path().join("log"));
        let http = Client::builder().no_proxy().build().unwrap();
        until("the server is ready", async || {
            process.check();
            http.get(format!("{url}/ready")).send().await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
        let mut server = Self { process, url, http, token: String::new(), _folder: folder };
        server.sign_up().await;
        server
    }

    async fn sign_up(&mut self) {
        let admin =
            json!({"token": SETUP, "email": "admin@example.org", "password": "a long enough password"});
        let answer = self.http.post(format!("{}/api/v1/setup", self.url)).json(&admin).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let asked = self
            .http
            .post(format!("{}/api/v1/tokens", self.url))
            .header("cookie", cookie)
            .header("origin", &self.url)
            .header("sec-fetch-site", "same-origin")
            .json(&json!({"name": "test"}));
        let made: Value = asked.send().await.unwrap().json().await.unwrap();
        self.token = made["value"].as_str().unwrap().to_owned();
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let asked = self.http.post(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token).json(&body);
        let answer = asked.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "POST {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Value {
        let asked = self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token);
        asked.send().await.unwrap().json().await.unwrap()
    }

    /// The configuration once it is another one than `known`.
    async fn next(&self, known: &str) -> String {
        let asked = self
            .http
            .get(format!("{}/edge/traefik?wait=30", self.url))
            .bearer_auth(EDGE_TOKEN)
            .header("if-none-match", known);
        let answer = asked.send().await.unwrap();
        answer.headers()["etag"].to_str().unwrap().to_owned()
    }
}

/// The certificate that a replica shows for the host.
async fn shown(edge: &Edge, root: &str) -> Option<Vec<u8>> {
    let client = edge.client(&[HOST], Some(root));
    let answer = client.get(edge.https(HOST, "/")).send().await.ok()?;
    Some(answer.extensions().get::<TlsInfo>()?.peer_certificate()?.to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_serve_a_renewed_certificate_though_skep_is_killed_right_after_its_issue() {
    let [port] = free_ports();
    let skep = format!("http://127.0.0.1:{port}");
    let mut one = Edge::with_token(&skep, EDGE_TOKEN, &[("SKEP_EDGE_NODE", "one")]).await;
    let two = Edge::with_token(&skep, EDGE_TOKEN, &[("SKEP_EDGE_NODE", "two")]).await;
    let pebble = Pebble::start(two.web.port(), 0).await;
    let mut server = Server::start(port, &pebble).await;

    let project = server.post("/projects", json!({"name": "shop"})).await;
    let environment = &project["environments"][0]["id"];
    let source = json!({"kind": "image", "image": "shop:1"});
    let app =
        server.post("/apps", json!({"environment": environment, "name": "web", "source": source})).await;
    let app = app["id"].as_str().unwrap().to_owned();
    server.post(&format!("/apps/{app}/domains"), json!({"host": HOST})).await;
    let root = pebble.root().await;
    let mut first = Vec::new();
    for edge in [&one, &two] {
        first = until("the first certificate is served", async || shown(edge, &root).await).await;
    }

    // Skep knows of each replica what it serves.
    let version = server.next("").await;
    let edges = until("Skep knows that both serve the same", async || {
        let edges = server.get("/edges").await;
        let all = edges["items"].as_array()?.clone();
        (all.len() == 2 && all.iter().all(|edge| edge["state"] == "current")).then_some(all)
    })
    .await;
    assert_eq!(edges.iter().map(|edge| edge["node"].as_str().unwrap()).collect::<Vec<_>>(), ["one", "two"]);
    assert!(
        edges.iter().all(|edge| format!("{:?}", edge["version"].as_str().unwrap()) == version),
        "{edges:?}"
    );

    // Renewed, for which the answer to the CA comes into the configuration, too: what counts is the certificate.
    let all = server.get("/certificates").await;
    let of = |certificate: &&Value| certificate["host"] == HOST;
    let id = all["items"].as_array().unwrap().iter().find(of).unwrap()["id"].as_str().unwrap().to_owned();
    server.post(&format!("/certificates/{id}/renew"), json!({})).await;
    let mut known = version.clone();
    while known == version {
        known = server.next(&known).await;
    }
    // It has just been issued. What each keeper has got by now is all that it will get.
    let issued = Instant::now();
    for edge in [&one, &two] {
        until("the keeper has it", async || {
            (format!("{:?}", edge.status().await["version"].as_str()?) == known).then_some(())
        })
        .await;
    }
    server.process.kill();
    let mut second = Vec::new();
    for edge in [&one, &two] {
        second = until("the renewed certificate is served", async || {
            shown(edge, &root).await.filter(|certificate| *certificate != first)
        })
        .await;
    }
    let took = issued.elapsed();
    println!("both replicas serve the renewed certificate {took:?} after its issue");
    assert!(took < Duration::from_secs(2), "{took:?}");

    // One that starts now has it from its own disk.
    one.stop().await;
    let began = Instant::now();
    one.again().await;
    let kept = until("a replica that starts without Skep serves", async || shown(&one, &root).await).await;
    println!("a replica that started without Skep served it {:?} after its start", began.elapsed());
    assert_eq!(kept, second);
}
