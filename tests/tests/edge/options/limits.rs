//! Rates, requests at once, bodies, times.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::sync::Notify;

use super::with;
use crate::stage::{App, Stage, serve};

#[tokio::test]
async fn more_than_the_rate_is_refused_and_other_hosts_do_not_care() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let of = json!({"rate": {"average": 1, "seconds": 600, "burst": 3}});
    let slow = with("slow.example.org", &[app.address], of);
    stage.publish(stage.input(vec![slow, with("free.example.org", &[app.address], json!({}))])).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(stage.get("slow.example.org", "/").await.0);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    for _ in 0..5 {
        assert_eq!(stage.get("free.example.org", "/").await.0, 200);
    }
}

#[tokio::test]
async fn no_more_requests_at_once_than_allowed() {
    let stage = Stage::start().await;
    let go = Arc::new(Notify::new());
    let waits = go.clone();
    let app = axum::Router::new().fallback(move || {
        let waits = waits.clone();
        async move { waits.notified().await }
    });
    let (address, _) = serve(app).await;
    let shop = with("shop.example.org", &[address], json!({"in_flight": 2}));
    stage.publish(stage.input(vec![shop])).await;
    let ask = || tokio::spawn(stage.ask("shop.example.org", "/").send());
    let all: Vec<_> = (0..4).map(|_| ask()).collect();
    let mut refused = Vec::new();
    let mut held = Vec::new();
    for one in all {
        match tokio::time::timeout(Duration::from_secs(2), one).await {
            Ok(answer) => refused.push(answer.unwrap().unwrap().status().as_u16()),
            Err(_) => held.push(()),
        }
    }
    assert_eq!((refused, held.len()), (vec![429, 429], 2));
    go.notify_waiters();
}

#[tokio::test]
async fn a_body_that_is_too_long_does_not_reach_the_app() {
    let stage = Stage::start().await;
    let app = axum::Router::new().fallback(async |body: axum::body::Bytes| body.len().to_string());
    let (address, _) = serve(app.layer(axum::extract::DefaultBodyLimit::disable())).await;
    let shop = with("shop.example.org", &[address], json!({"body_bytes": 3_000_000}));
    stage.publish(stage.input(vec![shop])).await;
    let client = stage.traefik.client(&["shop.example.org"], None);
    let to = stage.traefik.http("shop.example.org", "/");
    for (bytes, status) in [(10, 200), (3_000_000, 200), (3_000_001, 413), (9_000_000, 413)] {
        let answer = client.post(&to).body(vec![b'a'; bytes]).send().await.unwrap();
        assert_eq!(answer.status(), status, "{bytes}");
        if status == 200 {
            assert_eq!(answer.text().await.unwrap(), bytes.to_string());
        }
    }
    assert_eq!(client.put(&to).body(vec![b'a'; 3_000_001]).send().await.unwrap().status(), 413);
    assert_eq!(client.get(&to).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_app_that_takes_too_long_is_given_up() {
    let stage = Stage::start().await;
    let app = axum::Router::new().fallback(async || std::future::pending::<()>().await);
    let (address, _) = serve(app).await;
    let of = json!({"timeouts": {"response_seconds": 1, "idle_seconds": 30}});
    stage.publish(stage.input(vec![with("shop.example.org", &[address], of)])).await;
    let began = std::time::Instant::now();
    assert_eq!(stage.get("shop.example.org", "/").await.0, 504);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
