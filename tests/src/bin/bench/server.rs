//! A running server of the program that is measured, and how to ask it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use skep_tests::parts::{free_ports, process::Process};
use tempfile::TempDir;

const SETUP: &str = "a-setup-token-that-is-long-enough-for-it";

/// A server with its own data, ended when this is dropped.
pub struct Server {
    process: Process,
    folder: TempDir,
    base: String,
    client: Client,
    token: String,
    cookie: String,
}

impl Server {
    /// Starts it with these further variables; gives it once it is ready, and the time until then.
    pub async fn start(variables: &[(&str, &str)]) -> (Self, Duration) {
        let folder = tempfile::tempdir().expect("a folder");
        let client = Client::builder().pool_max_idle_per_host(64).build().expect("a client");
        let (process, base, took) = launch(folder.path(), variables, &client).await;
        (Self { process, folder, base, client, token: String::new(), cookie: String::new() }, took)
    }

    /// Ends it and starts it again on the same data.
    pub async fn again(&mut self, variables: &[(&str, &str)]) -> Duration {
        self.process.kill();
        let (process, base, took) = launch(self.folder.path(), variables, &self.client).await;
        (self.process, self.base) = (process, base);
        took
    }

    /// Its SQLite file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("skep.db")
    }

    /// What it holds in memory, in MiB (RSS).
    pub fn memory(&self) -> f64 {
        let text =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("its status");
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
        let kib: f64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
        kib / 1024.0
    }

    /// Makes the first admin, a session and a token.
    pub async fn sign_up(&mut self) {
        let admin =
            json!({"token": SETUP, "email": "admin@example.org", "password": "a long enough password"});
        let url = format!("{}/api/v1/setup", self.base);
        let answer = self.client.post(url).json(&admin).send().await.expect("setup answers");
        let cookie = answer.headers()["set-cookie"].to_str().expect("text");
        self.cookie = cookie.split(';').next().expect("a cookie").to_owned();
        let ask = self.client.post(format!("{}/api/v1/tokens", self.base)).header("cookie", &self.cookie);
        let ask = ask.header("origin", &self.base).header("sec-fetch-site", "same-origin");
        let made = ask.json(&json!({"name": "bench"})).send().await.expect("an answer");
        let made: Value = made.json().await.expect("JSON");
        self.token = made["value"].as_str().expect("a token").to_owned();
    }

    /// `POST`, with the token, and its JSON.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let ask = self.at(path, Client::post).bearer_auth(&self.token).json(&body);
        let answer = ask.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// `GET`, with the token, and its JSON.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.at(path, Client::get).bearer_auth(&self.token).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// A page as a browser asks for it, and how long it took.
    pub async fn page(&self, path: &str) -> (StatusCode, Duration) {
        let begin = Instant::now();
        let ask = self.at(path, Client::get).header("cookie", &self.cookie);
        let answer = ask.send().await.expect("an answer");
        let status = answer.status();
        let _ = answer.bytes().await.expect("a body");
        (status, begin.elapsed())
    }

    /// A request without any proof of who asks.
    pub fn at(&self, path: &str, method: impl FnOnce(&Client, String) -> RequestBuilder) -> RequestBuilder {
        method(&self.client, format!("{}{path}", self.base))
    }

    /// What it has written.
    pub fn log(&self) -> String {
        self.process.output()
    }
}

async fn launch(data: &Path, more: &[(&str, &str)], client: &Client) -> (Process, String, Duration) {
    let program = std::env::var("SKEP_BIN").expect("SKEP_BIN names the server");
    let [port] = free_ports::<1>();
    let listen = format!("127.0.0.1:{port}");
    let base = format!("http://{listen}");
    let mut variables = vec![("PATH", "/usr/bin:/bin"), ("SKEP_SETUP_TOKEN", SETUP)];
    variables.extend(more);
    let args = ["serve", "--data", data.to_str().expect("a path"), "--listen", &listen];
    let log = data.with_extension("log");
    let begin = Instant::now();
    let mut process = Process::start(Path::new(&program), &args, &variables, log);
    while !client.get(format!("{base}/ready")).send().await.is_ok_and(|answer| answer.status().is_success()) {
        process.check();
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(begin.elapsed() < Duration::from_secs(30), "the server is not ready");
    }
    (process, base, begin.elapsed())
}
