//! Figures of a running server: start to ready, memory at rest, durable webhooks per second, page
//! times with many apps, deployments. Loopback and the lab's engine only; every loop is bounded.
//! Called by `tests/bench/run`.
//!
//! To add a figure: a module that prints one line for each, called from `main`.

mod deployments;
mod pages;
mod server;
mod traffic;
mod webhooks;

use std::time::Duration;

use server::Server;

/// Where no engine is.
const NOWHERE: (&str, &str) = ("DOCKER_HOST", "unix:///nonexistent/docker.sock");

#[tokio::main]
async fn main() {
    // The first start makes keys and schema; the later ones are what a restart costs.
    let (mut server, first) = Server::start(&[NOWHERE]).await;
    let mut best = Duration::MAX;
    for _ in 0..4 {
        best = best.min(server.again(&[NOWHERE]).await);
    }
    println!(
        "start to ready: {} ms the first time, {} ms later (best of 4)",
        first.as_millis(),
        best.as_millis()
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("memory at rest: {:.1} MiB RSS", server.memory());
    server.sign_up().await;
    webhooks::steady(&server, 100, 500, Duration::from_secs(10)).await;
    pages::pages(&server).await;
    println!("memory after all that: {:.1} MiB RSS", server.memory());
    drop(server);
    deployments::deployments().await;
    traffic::traffic().await;
}
