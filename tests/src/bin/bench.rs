//! Figures of a running server: start to ready, memory at rest, durable webhooks per second, page
//! times with many apps. Loopback only; every loop is bounded. Called by `tests/bench/run`.
//!
//! To add a figure: a function that prints one line, called from `main`.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use skep::{domain::secret::Secret, git::deliveries::sign};
use skep_tests::parts::{free_ports, process::Process};

const SETUP: &str = "a-setup-token-that-is-long-enough-for-it";

struct Server {
    process: Process,
    base: String,
    client: Client,
    token: String,
    cookie: String,
}

#[tokio::main]
async fn main() {
    let program = std::env::var("SKEP_BIN").expect("SKEP_BIN names the server");
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = start(&program, folder.path()).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("memory at rest: {:.1} MiB RSS", memory(&server));
    sign_up(&mut server).await;
    webhooks(&server, 100, 500, Duration::from_secs(10)).await;
    apps(&server, 1000).await;
    pages(&server).await;
    println!("memory after all that: {:.1} MiB RSS", memory(&server));
    server.process.kill();
}

async fn start(program: &str, data: &Path) -> Server {
    let client = Client::builder().pool_max_idle_per_host(64).build().expect("a client");
    let mut best = Duration::MAX;
    let mut last = None;
    // The first start makes keys and schema; the later ones are what a restart costs.
    for round in 0..5 {
        let [port] = free_ports::<1>();
        let listen = format!("127.0.0.1:{port}");
        let variables =
            [("PATH", "/usr/bin:/bin"), ("SKEP_SETUP_TOKEN", SETUP), ("DOCKER_HOST", "unix:///nonexistent")];
        let begin = Instant::now();
        let args = ["serve", "--data", data.to_str().expect("a path"), "--listen", &listen];
        let mut process =
            Process::start(Path::new(program), &args, &variables, data.with_extension(format!("log{round}")));
        let base = format!("http://{listen}");
        while !client
            .get(format!("{base}/ready"))
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            process.check();
            tokio::time::sleep(Duration::from_millis(2)).await;
            assert!(begin.elapsed() < Duration::from_secs(30), "the server is not ready");
        }
        if round == 0 {
            println!("first start to ready: {} ms", begin.elapsed().as_millis());
        } else {
            best = best.min(begin.elapsed());
        }
        last = Some((process, base));
    }
    println!("start to ready: {} ms (best of 4)", best.as_millis());
    let (process, base) = last.expect("a server");
    Server { process, base, client, token: String::new(), cookie: String::new() }
}

fn memory(server: &Server) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).expect("its status");
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    let kib: f64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
    kib / 1024.0
}

async fn sign_up(server: &mut Server) {
    let admin = json!({"token": SETUP, "email": "admin@example.org", "password": "a long enough password"});
    let answer =
        server.client.post(format!("{}/api/v1/setup", server.base)).json(&admin).send().await.expect("setup");
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .split(';')
        .next()
        .expect("a cookie")
        .to_owned();
    let made: Value = server
        .client
        .post(format!("{}/api/v1/tokens", server.base))
        .header("cookie", &cookie)
        .header("origin", &server.base)
        .header("sec-fetch-site", "same-origin")
        .json(&json!({"name": "bench"}))
        .send()
        .await
        .expect("tokens")
        .json()
        .await
        .expect("JSON");
    server.cookie = cookie;
    server.token = made["value"].as_str().expect("a token").to_owned();
}

async fn post(server: &Server, path: &str, body: Value) -> Value {
    let request = server.client.post(format!("{}{path}", server.base)).bearer_auth(&server.token).json(&body);
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {} {:?}", answer.status(), answer.text().await);
    answer.json().await.expect("JSON")
}

/// An app of an image with a signed hook, and the path and secret of the hook.
async fn hooked(server: &Server, environment: &Value, i: usize) -> (String, Secret) {
    let app = post(
        server,
        "/api/v1/apps",
        json!({
            "environment": environment, "name": format!("hook{i}"),
            "source": {"kind": "image", "image": format!("registry.example.org/team/hook{i}:1")}
        }),
    )
    .await;
    let id = app["id"].as_str().expect("an id");
    let hook = post(server, &format!("/api/v1/apps/{id}/webhooks"), json!({"provider": "generic"})).await;
    let url = hook["url"].as_str().expect("a URL");
    let path = url[url.find("/hooks/").expect("a path")..].to_owned();
    (path, Secret::new(hook["secret"].as_str().expect("a secret")))
}

/// `rate` signed deliveries a second for `time`, spread over `apps` apps, sent when they are due
/// whatever the answers take.
async fn webhooks(server: &Server, apps: usize, rate: u32, time: Duration) {
    let project = post(server, "/api/v1/projects", json!({"name": "hooks"})).await;
    let environment = &project["environments"][0]["id"];
    let mut hooks = Vec::new();
    for i in 0..apps {
        hooks.push(hooked(server, environment, i).await);
    }
    let total = rate * u32::try_from(time.as_secs()).expect("seconds");
    let begin = Instant::now();
    let mut sent = Vec::new();
    for n in 0..total {
        let due = begin + Duration::from_secs(1) * n / rate;
        tokio::time::sleep_until(due.into()).await;
        let i = n as usize % apps;
        let (path, secret) = &hooks[i];
        let body = json!({"image": format!("registry.example.org/team/hook{i}"), "tag": "1"}).to_string();
        let request = server
            .client
            .post(format!("{}{path}", server.base))
            .header("content-type", "application/json")
            .header("x-skep-event", "image")
            .header("x-skep-delivery", n.to_string())
            .header("x-skep-signature-256", sign(secret, body.as_bytes()))
            .body(body);
        sent.push(tokio::spawn(async move {
            let begin = Instant::now();
            let status = request.send().await.map(|answer| answer.status().as_u16());
            (status.unwrap_or(0), begin.elapsed())
        }));
    }
    let mut times = Vec::new();
    let mut refused = 0;
    for each in sent {
        let (status, took) = each.await.expect("a request");
        if status == 202 { times.push(took) } else { refused += 1 }
    }
    let took = begin.elapsed();
    times.sort();
    let at = |share: f64| {
        times.get((times.len() as f64 * share) as usize).map_or(0.0, |t| t.as_secs_f64() * 1000.0)
    };
    println!(
        "webhooks: {} accepted durably in {:.1} s ({:.0}/s), {refused} refused; p50 {:.1} ms, p99 {:.1} ms",
        times.len(),
        took.as_secs_f64(),
        times.len() as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
    );
}

async fn apps(server: &Server, count: usize) {
    let project = post(server, "/api/v1/projects", json!({"name": "many"})).await;
    let environment = &project["environments"][0]["id"];
    for i in 0..count {
        post(
            server,
            "/api/v1/apps",
            json!({
                "environment": environment, "name": format!("app{i}"),
                "source": {"kind": "image", "image": "registry.example.org/team/app:1"}
            }),
        )
        .await;
    }
}

async fn pages(server: &Server) {
    for path in ["/", "/api/v1/apps", "/api/v1/projects"] {
        let mut times = Vec::new();
        let mut status = 0;
        for _ in 0..20 {
            let begin = Instant::now();
            let request = server.client.get(format!("{}{path}", server.base));
            let request = if path.starts_with("/api") {
                request.bearer_auth(&server.token)
            } else {
                request.header("cookie", &server.cookie)
            };
            let answer = request.send().await.expect("an answer");
            status = answer.status().as_u16();
            let _ = answer.bytes().await;
            times.push(begin.elapsed());
        }
        times.sort();
        println!("page {path} with 1,100 apps: {status}, median {:.1} ms", times[10].as_secs_f64() * 1000.0);
    }
}
