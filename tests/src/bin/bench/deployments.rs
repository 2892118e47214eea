//! Deployments on the lab's engine: from an accepted webhook to the engine's update, and how many
//! a minute when a hundred apps are pushed at once.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use skep::swarm::{DockerEngine, Engine as _, address::Address};

use super::{server::Server, webhooks::Hook};

const APPS: usize = 100;

fn part(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run tests/bench/run"))
}

fn docker(args: &[&str]) {
    let done = Command::new("docker").arg("-H").arg(part("SKEP_TEST_ENGINE")).args(args).output();
    let done = done.expect("docker runs");
    assert!(done.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Pushes another image to the lab's registry under the same name.
fn publish(image: &str, mark: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy("/bin/busybox", folder.path().join("busybox")).expect("busybox-static is installed");
    let text = format!(
        "FROM scratch\nCOPY busybox /busybox\nLABEL mark={mark}\nCMD [\"/busybox\", \"sleep\", \"100000\"]\n"
    );
    std::fs::write(folder.path().join("Dockerfile"), text).expect("a file");
    docker(&["build", "-q", "-t", &format!("{image}:1"), folder.path().to_str().expect("a path")]);
    docker(&["push", "-q", &format!("{image}:1")]);
}

/// An app that runs, and how to push it.
struct App {
    id: String,
    stack: String,
    hook: Hook,
}

/// Both figures.
pub async fn deployments() {
    let image = format!("{}/bench", part("SKEP_TEST_REGISTRY"));
    let allow = format!("{}/32", part("SKEP_TEST_MACHINE_ADDRESS"));
    let engine = part("SKEP_TEST_ENGINE");
    let (mut server, _) = Server::start(&[("DOCKER_HOST", &engine), ("SKEP_ALLOW_ADDRESSES", &allow)]).await;
    server.sign_up().await;
    publish(&image, "first");
    let project = server.post("/api/v1/projects", json!({"name": "bench"})).await;
    let environment = &project["environments"][0]["id"];
    let mut apps = Vec::new();
    for i in 0..APPS {
        apps.push(app(&server, environment, i, &image).await);
    }
    let begin = Instant::now();
    let live = wave(&server, &apps, "first", 1).await;
    told("new apps", live, begin.elapsed());

    publish(&image, "second");
    let mut times = Vec::new();
    for app in &apps[..5] {
        times.push(to_update(&server, app).await);
    }
    times.sort();
    println!("webhook accepted to the engine's update: {} ms (median of 5)", times[2].as_millis());

    publish(&image, "third");
    let begin = Instant::now();
    let live = wave(&server, &apps, "third", 2).await;
    told("updates", live, begin.elapsed());
    for app in &apps {
        docker(&["service", "rm", &app.stack]);
    }
}

fn told(what: &str, live: usize, took: Duration) {
    let minutes = took.as_secs_f64() / 60.0;
    let rate = live as f64 / minutes;
    println!("{what}: {APPS} pushed at once, {live} live in {:.0} s: {rate:.0} a minute", took.as_secs_f64());
}

async fn app(server: &Server, environment: &Value, i: usize, image: &str) -> App {
    let body = json!({
        "environment": environment, "name": format!("bench{i}"),
        "source": {"kind": "image", "image": format!("{image}:1")},
        "settings": {"stop_grace": "1s"},
    });
    let made = server.post("/api/v1/apps", body).await;
    let text = |key: &str| made[key].as_str().expect("text").to_owned();
    App { hook: Hook::of(server, &text("id"), image).await, id: text("id"), stack: text("stack") }
}

/// A delivery to every app at once; how many are live when all have ended.
async fn wave(server: &Server, apps: &[App], name: &str, least: usize) -> usize {
    for app in apps {
        let answer = app.hook.pushed(server, name).send().await.expect("an answer");
        assert_eq!(answer.status(), 202);
    }
    let begin = Instant::now();
    loop {
        let (mut ended, mut live) = (0, 0);
        for app in apps {
            let list = server.get(&format!("/api/v1/apps/{}/deployments", app.id)).await;
            let items = list.as_array().or_else(|| list["items"].as_array()).cloned().unwrap_or_default();
            ended += usize::from(items.len() >= least && items.iter().all(|d| d["ended"] == true));
            live += usize::from(items.first().is_some_and(|d| d["state"] == "live"));
        }
        if ended == apps.len() {
            return live;
        }
        assert!(begin.elapsed() < Duration::from_secs(1500), "{ended} ended:\n{}", server.log());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// From the answer to the delivery until the engine has the new image.
async fn to_update(server: &Server, app: &App) -> Duration {
    let engine = DockerEngine::new(Address::parse(&part("SKEP_TEST_ENGINE")).expect("an address"));
    let image = async || {
        let seen = engine.observe(&app.stack).await.expect("the engine answers");
        let spec = seen.services[&app.stack].spec.clone();
        spec.and_then(|s| s.task_template).and_then(|t| t.container_spec).and_then(|c| c.image)
    };
    let before = image().await;
    let answer = app.hook.pushed(server, "second").send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
    let begin = Instant::now();
    while image().await == before {
        assert!(begin.elapsed() < Duration::from_secs(60), "no update:\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    begin.elapsed()
}
