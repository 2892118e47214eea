//! The keeper beside Traefik: what it serves without Skep, what it believes, and how soon a change is there.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use serde_json::Value;
use skep::edge::{EdgeInput, Options, Published, Route, Scheme};
use skep_tests::parts::{edge::Edge, traefik::TOKEN, until};

use crate::stage::{App, certificate, route, told};

/// Skep's half, on a port that stays the same when it dies and comes back.
pub struct World {
    shared: Arc<Shared>,
    address: SocketAddr,
    running: Option<tokio::runtime::Runtime>,
}

#[derive(Default)]
struct Shared {
    published: Published,
    instead: Mutex<Option<(StatusCode, Bytes)>>,
    asked_instead: AtomicBool,
    reports: Mutex<Vec<Value>>,
    left: AtomicBool,
}

#[derive(serde::Deserialize)]
struct Asked {
    wait: u64,
}

async fn poll(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text(header::AUTHORIZATION) != format!("Bearer {TOKEN}") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if let Some((status, body)) = shared.instead.lock().unwrap().clone() {
        shared.asked_instead.store(true, Ordering::SeqCst);
        return (status, [(header::ETAG, format!("\"{}\"", "a".repeat(32)))], body).into_response();
    }
    let known = text(header::IF_NONE_MATCH).trim_matches('"');
    shared.published.changed_within(known, Duration::from_secs(asked.wait)).await;
    let Some(document) = shared.published.current() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let etag = [(header::ETAG, format!("\"{}\"", document.version))];
    if document.version == known {
        return (StatusCode::NOT_MODIFIED, etag).into_response();
    }
    (etag, document.json.clone()).into_response()
}

async fn report(
    State(shared): State<Arc<Shared>>,
    Path(_): Path<String>,
    Json(report): Json<Value>,
) -> StatusCode {
    shared.reports.lock().unwrap().push(report);
    StatusCode::NO_CONTENT
}

async fn leave(State(shared): State<Arc<Shared>>, Path(_): Path<String>) -> StatusCode {
    shared.left.store(true, Ordering::SeqCst);
    StatusCode::NO_CONTENT
}

impl World {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut world = Self { shared: Arc::default(), address, running: None };
        world.serve(listener);
        world
    }

    fn serve(&mut self, listener: TcpListener) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let router = Router::new()
            .route("/edge/traefik", get(poll))
            .route("/edge/replicas/{id}", put(report).delete(leave))
            .fallback(async || "Skep itself")
            .with_state(self.shared.clone());
        listener.set_nonblocking(true).unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        self.running = Some(runtime);
    }

    /// It dies with all its connections.
    fn kill(&mut self) {
        self.running.take().unwrap().shutdown_background();
    }

    async fn come_back(&mut self) {
        let address = self.address;
        let listener = until("the port is free again", async || TcpListener::bind(address).ok()).await;
        self.serve(listener);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn input(&self, edge: &Edge, routes: Vec<Route>) -> EdgeInput {
        let options =
            Options { loopback: true, https_port: Some(edge.websecure.port()), ..Options::default() };
        EdgeInput { skep: vec![self.url().parse().unwrap()], routes, options, ..EdgeInput::default() }
    }

    pub fn publish(&self, input: EdgeInput) -> String {
        self.shared.published.offer(input, Instant::now());
        self.shared.published.current().unwrap().version.clone()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(runtime) = self.running.take() {
            runtime.shutdown_background();
        }
    }
}

/// Waits until Traefik says that it serves this version.
pub async fn loaded(edge: &Edge, version: &str) {
    until("Traefik serves the version", async || (edge.status().await["loaded"] == version).then_some(()))
        .await;
}

async fn get_at(edge: &Edge, host: &str) -> (u16, String) {
    let answer = edge.client(&[host], None).get(edge.http(host, "/")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A route with plain http besides https.
fn shop(app: &App) -> Route {
    Route { scheme: Scheme::Http, ..route("shop.example.org", "/", &[app.address]) }
}

#[tokio::test]
async fn a_replica_that_starts_without_skep_serves_what_was_kept_on_its_node() {
    let mut world = World::start();
    let app = App::start("shop").await;
    let mut edge = Edge::start(&world.url(), &[]).await;
    let (certificate, root) = certificate("shop.example.org");
    let mut input = world.input(&edge, vec![route("shop.example.org", "/", &[app.address])]);
    input.certificates = vec![certificate];
    let version = world.publish(input);
    loaded(&edge, &version).await;
    until("Skep is told what is served", async || {
        world
            .shared
            .reports
            .lock()
            .unwrap()
            .iter()
            .any(|r| r["loaded"] == version && r["node"] == "node-of-the-test")
            .then_some(())
    })
    .await;
    assert_eq!(edge.stop().await, Some(0), "SIGTERM ends Traefik in order, and its keeper with it");
    assert!(world.shared.left.load(Ordering::SeqCst), "it says goodbye");

    let raw = std::fs::read(edge.kept().join("configuration")).unwrap();
    assert!(!raw.windows(11).any(|part| part == b"PRIVATE KEY"), "what is kept is sealed");
    world.kill();
    let began = Instant::now();
    edge.again().await;
    let client = edge.client(&["shop.example.org"], Some(&root));
    let answer = until("the kept routes and certificates are served", async || {
        client.get(edge.https("shop.example.org", "/")).send().await.ok()
    })
    .await;
    println!("without Skep: served {:?} after its start", began.elapsed());
    assert_eq!(told(&answer.text().await.unwrap())["app"], "shop");
    assert!(!edge.status().await["skep_away_since"].is_null());

    // When Skep is back the next change is there as ever.
    world.come_back().await;
    let second = Route { scheme: Scheme::Http, ..route("second.example.org", "/", &[app.address]) };
    let version = world.publish(world.input(&edge, vec![shop(&app), second]));
    loaded(&edge, &version).await;
    assert_eq!(get_at(&edge, "second.example.org").await.0, 200);
    assert!(edge.status().await["skep_away_since"].is_null());
}

#[tokio::test]
async fn without_anything_kept_it_serves_nothing_and_says_so() {
    let mut world = World::start();
    world.kill();
    let edge = Edge::start(&world.url(), &[]).await;
    assert!(edge.output().contains("No configuration is kept on this node"), "{}", edge.output());
    assert_eq!(get_at(&edge, "shop.example.org").await.0, 404);
    assert!(edge.status().await["version"].is_null());
}

#[tokio::test]
async fn fault_27_no_broken_answer_replaces_a_good_one() {
    let world = World::start();
    let app = App::start("shop").await;
    let mut edge = Edge::start(&world.url(), &[]).await;
    let good = world.publish(world.input(&edge, vec![shop(&app)]));
    loaded(&edge, &good).await;
    let whole = world.shared.published.current().unwrap().json.clone();
    for (what, status, body) in [
        ("nothing", StatusCode::OK, Bytes::new()),
        ("an empty object", StatusCode::OK, Bytes::from_static(b"{}")),
        ("no routes", StatusCode::OK, r#"{"http":{"routers":{},"services":{}},"tls":{}}"#.into()),
        ("half of it", StatusCode::OK, whole.slice(..whole.len() / 2)),
        ("a page", StatusCode::OK, "<html>502 Bad Gateway</html>".into()),
        ("an error with a body", StatusCode::INTERNAL_SERVER_ERROR, whole.clone()),
        ("refused", StatusCode::UNAUTHORIZED, Bytes::new()),
    ] {
        *world.shared.instead.lock().unwrap() = Some((status, body));
        // Its open question is answered by a change, and the next one gets this.
        world.publish(world.input(
            &edge,
            vec![
                shop(&app),
                Route {
                    scheme: Scheme::Http,
                    ..route(&format!("at-{}.example.org", what.len()), "/", &[app.address])
                },
            ],
        ));
        world.shared.asked_instead.store(false, Ordering::SeqCst);
        until(what, async || world.shared.asked_instead.load(Ordering::SeqCst).then_some(())).await;
        assert_eq!(get_at(&edge, "shop.example.org").await.0, 200, "{what}");
        *world.shared.instead.lock().unwrap() = None;
        let version = world.publish(world.input(&edge, vec![shop(&app)]));
        loaded(&edge, &version).await;
        assert_eq!(get_at(&edge, "shop.example.org").await.0, 200, "after {what}");
    }
    // Nor did one of them get to the disk.
    edge.stop().await;
    edge.again().await;
    until("it serves", async || (get_at(&edge, "shop.example.org").await.0 == 200).then_some(())).await;
}

#[tokio::test]
async fn a_change_is_served_in_milliseconds_not_at_the_next_second() {
    let world = World::start();
    let app = App::start("shop").await;
    let edge = Edge::start(&world.url(), &[]).await;
    let version = world.publish(world.input(&edge, vec![shop(&app)]));
    loaded(&edge, &version).await;
    let mut took = Vec::new();
    for round in 0..20 {
        let host = format!("round-{round}.example.org");
        let client = edge.client(&[&host], None);
        let address = edge.http(&host, "/");
        let next = Route { scheme: Scheme::Http, ..route(&host, "/", &[app.address]) };
        let began = Instant::now();
        world.publish(world.input(&edge, vec![shop(&app), next]));
        while client.get(&address).send().await.unwrap().status() != StatusCode::OK {
            assert!(began.elapsed() < Duration::from_secs(10), "round {round}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        took.push(began.elapsed());
        // Not in step with any clock of the two.
        tokio::time::sleep(Duration::from_millis(137 + 31 * round)).await;
    }
    took.sort();
    println!("a change is served after: median {:?}, longest {:?}", took[10], took[19]);
    assert!(took[10] < Duration::from_millis(300), "{took:?}");
    assert!(took[19] < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn another_server_is_asked_when_one_is_away() {
    let mut away = World::start();
    let world = World::start();
    let app = App::start("shop").await;
    let edge = Edge::start(&format!("{},{}", away.url(), world.url()), &[]).await;
    // Both say the same, as two servers of one database do.
    let input = world.input(&edge, vec![shop(&app)]);
    away.publish(input.clone());
    let version = world.publish(input);
    loaded(&edge, &version).await;
    away.kill();
    let second = Route { scheme: Scheme::Http, ..route("second.example.org", "/", &[app.address]) };
    let began = Instant::now();
    let version = world.publish(world.input(&edge, vec![shop(&app), second]));
    loaded(&edge, &version).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_clients_address_is_believed_from_trusted_proxies_alone() {
    let world = World::start();
    let app = App::start("shop").await;
    let trusting = Edge::start(&world.url(), &[("SKEP_EDGE_TRUSTED", "127.0.0.1")]).await;
    let careful = Edge::start(&world.url(), &[]).await;
    let version = world.publish(world.input(&trusting, vec![shop(&app)]));
    for (edge, seen) in [(&trusting, "203.0.113.7, 127.0.0.1"), (&careful, "127.0.0.1")] {
        loaded(edge, &version).await;
        let request = edge.client(&["shop.example.org"], None).get(edge.http("shop.example.org", "/"));
        let answer = request.header("x-forwarded-for", "203.0.113.7").send().await.unwrap();
        assert_eq!(told(&answer.text().await.unwrap())["headers"]["x-forwarded-for"], seen);
    }
}

#[tokio::test]
async fn the_proxy_protocol_brings_the_clients_address() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = World::start();
    let app = App::start("shop").await;
    let behind = Edge::start(&world.url(), &[("SKEP_EDGE_PROXY_PROTOCOL", "127.0.0.1")]).await;
    let alone = Edge::start(&world.url(), &[]).await;
    let version = world.publish(world.input(&behind, vec![shop(&app)]));
    for (edge, seen) in [(&behind, Some("203.0.113.7")), (&alone, None)] {
        loaded(edge, &version).await;
        let mut stream = tokio::net::TcpStream::connect(edge.web).await.unwrap();
        let text =
            "PROXY TCP4 203.0.113.7 127.0.0.1 4242 80\r\nGET / HTTP/1.0\r\nHost: shop.example.org\r\n\r\n";
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        match seen {
            Some(seen) => assert!(answer.contains(&format!("\"x-forwarded-for\":\"{seen}\"")), "{answer}"),
            None => assert!(answer.contains(" 400 "), "whoever is not listed is not believed: {answer}"),
        }
    }
}

#[tokio::test]
async fn ping_tells_a_balancer_that_it_drains_while_requests_are_still_served() {
    let world = World::start();
    let app = App::start("shop").await;
    let mut edge = Edge::start(&world.url(), &[("SKEP_EDGE_DRAIN_SECONDS", "3")]).await;
    let version = world.publish(world.input(&edge, vec![shop(&app)]));
    loaded(&edge, &version).await;
    let ping = format!("http://{}{}", edge.web, skep::edge::PING_PATH);
    assert_eq!(reqwest::get(&ping).await.unwrap().status(), 200);
    let (client, address) = (edge.client(&["shop.example.org"], None), edge.http("shop.example.org", "/"));
    let end = tokio::spawn(async move { edge.stop().await });
    until("ping says that it ends", async || {
        reqwest::get(&ping).await.ok().filter(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE)
    })
    .await;
    assert_eq!(client.get(&address).send().await.unwrap().status(), 200, "it still serves");
    assert_eq!(end.await.unwrap(), Some(0));
}
