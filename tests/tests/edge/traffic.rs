//! What Traefik writes of requests of each kind, counted: the sums are what was sent.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::StatusCode,
    routing::{get, post},
};
use futures::stream;
use serde_json::Value;
use skep::{
    domain::{
        clock::SystemClock,
        id::DomainId,
        traffic::{Counts, Summary},
    },
    edge::{
        Scheme,
        traffic::{Edge, fake::FakeSkep, run},
    },
};
use skep_tests::parts::{free_ports, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::stage::{Stage, route, serve};

/// The lines of the access log about a domain.
fn lines(stage: &Stage, domain: DomainId) -> Vec<String> {
    let output = stage.traefik.output();
    let router = format!("\"RouterName\":\"d-{domain}");
    output.lines().filter(|line| line.contains(&router)).map(str::to_owned).collect()
}

/// What Traefik says of asking again.
fn told_retries(lines: &[String]) -> u64 {
    let of =
        |line: &String| serde_json::from_str::<Value>(line).unwrap()["RetryAttempts"].as_u64().unwrap_or(0);
    lines.iter().map(of).sum()
}

async fn counted(lines: &[String], domain: DomainId) -> Counts {
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let skep = Arc::new(FakeSkep::default());
    let edge = Edge { id: Uuid::from_u128(1), node: "edge-1".to_owned(), lost: Arc::default() };
    run(text.as_bytes(), edge, skep.clone(), Arc::new(SystemClock), None, CancellationToken::new()).await;
    assert_eq!(skep.heard().counted.last().expect("a report").uncounted, 0, "every line is understood");
    skep.counts(domain)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_is_what_is_counted() {
    let stage = Stage::start().await;
    let app = Router::new()
        .route("/ok", get(async || vec![b'x'; 1_000]))
        .route("/orders/{id}", get(async || StatusCode::NOT_FOUND))
        .route("/fault", get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .route("/upload", post(async |body: Bytes| body.len().to_string()));
    let (address, _) = serve(app).await;
    let dead = free_ports::<1>()[0];
    let domain = route("shop.example.org", "/", &[address, ([127, 0, 0, 1], dead).into()]);
    let id = domain.id;
    stage.publish(stage.input(vec![domain])).await;
    let client = stage.traefik.client(&["shop.example.org"], None);
    let ask = async |path: &str| {
        let answer = client.get(stage.traefik.http("shop.example.org", path)).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().len())
    };
    for n in 0..30 {
        assert_eq!(ask("/ok?token=s3cret").await, (200, 1_000));
        assert_eq!(ask(&format!("/orders/{n}")).await.0, 404);
        if n % 3 == 0 {
            assert_eq!(ask("/fault").await.0, 500);
        }
    }
    let upload = client.post(stage.traefik.http("shop.example.org", "/upload")).body(vec![b'y'; 50_000]);
    assert_eq!(upload.send().await.unwrap().text().await.unwrap(), "50000");
    let all =
        until("Traefik has written all", async || Some(lines(&stage, id)).filter(|lines| lines.len() >= 71))
            .await;
    let counts = counted(&all, id).await;
    let sum = Summary::of(&counts);
    assert_eq!(sum.classes, [0, 31, 0, 30, 10], "{counts}");
    assert_eq!((sum.bytes_in, sum.bytes_out), (50_000, 30 * 1_000 + 5));
    // Every other one met the dead server first; Traefik 3.7 does not say so (`RetryAttempts` is 0).
    assert_eq!(sum.retries, told_retries(&all));
    let paths: Vec<(String, u64)> =
        counts.paths.entries().into_iter().map(|path| (path.name, path.count)).collect();
    let wanted = [("/ok", 30), ("/orders/*", 30), ("/fault", 10), ("/upload", 1)];
    assert_eq!(paths, wanted.map(|(path, count)| (path.to_owned(), count)));
    let backends = Summary::by_backend(&counts);
    assert_eq!(backends[&address.to_string()].requests(), 71, "{backends:?}");
    assert!(all.iter().all(|line| !line.contains("s3cret")), "Traefik leaves queries out by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_answers_by_himself_is_no_backend() {
    let stage = Stage::start().await;
    let (empty, https) = (
        route("empty.example.org", "/", &[]),
        skep::edge::Route {
            scheme: Scheme::Https { redirect: true },
            ..route("https.example.org", "/", &[stage.address])
        },
    );
    let ids = [empty.id, https.id];
    stage.publish(stage.input(vec![empty, https])).await;
    assert_eq!(stage.get("empty.example.org", "/").await.0, 503);
    assert_eq!(stage.get("https.example.org", "/").await.0, 301);
    for (id, class) in ids.into_iter().zip([5, 3]) {
        let all = until("a line", async || Some(lines(&stage, id)).filter(|lines| !lines.is_empty())).await;
        let counts = counted(&all, id).await;
        let [group] = counts.groups.as_slice() else { panic!("one group: {counts}") };
        assert_eq!((group.class, group.backend.as_str(), group.tally.requests), (class, "-", 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lasts_counts_when_it_ends() {
    let stage = Stage::start().await;
    let over = Arc::new(Notify::new());
    let told = over.clone();
    let events = move || async move {
        let first = stream::once(async { Ok::<_, std::io::Error>(Bytes::from("data: 1\n\n")) });
        let last = stream::once(async move {
            told.notified().await;
            Ok(Bytes::from("data: 2\n\n"))
        });
        Body::from_stream(futures::StreamExt::chain(first, last))
    };
    let (address, _) =
        serve(Router::new().route("/events", get(events)).route("/ok", get(async || "ok"))).await;
    // A WebSocket's handshake, and then whatever comes back.
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let socket_address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = socket.accept().await.unwrap();
        let mut head = vec![0; 4_096];
        let _ = stream.read(&mut head).await.unwrap();
        let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        let mut text = [0; 5];
        while stream.read_exact(&mut text).await.is_ok() {
            stream.write_all(&text).await.unwrap();
        }
    });
    let (sse, ws) =
        (route("events.example.org", "/", &[address]), route("socket.example.org", "/", &[socket_address]));
    let (sse_id, ws_id) = (sse.id, ws.id);
    stage.publish(stage.input(vec![sse, ws])).await;

    let client = stage.traefik.client(&["events.example.org"], None);
    let mut answer = client.get(stage.traefik.http("events.example.org", "/events")).send().await.unwrap();
    assert!(answer.chunk().await.unwrap().is_some());
    let mut visitor = TcpStream::connect(stage.traefik.web).await.unwrap();
    let head = "GET / HTTP/1.1\r\nHost: socket.example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    visitor.write_all(head.as_bytes()).await.unwrap();
    let mut back = vec![0; 4_096];
    let length = visitor.read(&mut back).await.unwrap();
    assert!(back[..length].starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&back[..length]));
    visitor.write_all(b"hello").await.unwrap();
    // Both are under way for a while, and a request that came later has ended: its line is there, theirs
    // are not.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.get("events.example.org", "/ok").await.0, 200);
    let ended = until("a line", async || Some(lines(&stage, sse_id)).filter(|all| !all.is_empty())).await;
    assert!(ended.len() == 1 && ended[0].contains("\"/ok\""), "{ended:?}");
    assert_eq!(lines(&stage, ws_id).len(), 0);
    over.notify_one();
    while answer.chunk().await.unwrap().is_some() {}
    drop(visitor);
    for (id, class, took) in [(sse_id, 2, true), (ws_id, 1, false)] {
        let slow = |line: &String| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["Duration"].as_u64().unwrap() > 250_000_000
        };
        let all = until("it ended", async || {
            Some(lines(&stage, id).into_iter().filter(slow).collect::<Vec<_>>()).filter(|all| !all.is_empty())
        })
        .await;
        let counts = counted(&all, id).await;
        let [group] = counts.groups.as_slice() else { panic!("one group: {counts}") };
        assert_eq!((group.class, group.tally.requests), (class, 1), "{counts}");
        let latency = Summary::of(&counts).latency.percentile(0.5);
        assert_eq!(latency.is_some_and(|took| took > Duration::from_millis(250)), took, "{latency:?}");
    }
}
