//! Skep's half of the wire as Traefik sees it, and apps that say what reached them.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use serde_json::{Value, json};
use skep::{
    acme::{Challenges, fake::MemoryChallenges},
    domain::{
        clock::{SystemClock, Time},
        domain_name::PathPrefix,
        host_pattern::HostPattern,
        id::{AppId, CertificateId, DomainId},
        secret::Secret,
    },
    edge::{Certificate, EdgeInput, Options, Published, Route, Scheme, Servers},
};
use skep_tests::parts::{
    pebble::authority,
    traefik::{TOKEN, Traefik},
    until,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Skep and Traefik, connected.
pub struct Stage {
    pub skep: Arc<Skep>,
    pub address: SocketAddr,
    pub traefik: Traefik,
}

/// What Skep answers to Traefik.
#[derive(Default)]
pub struct Skep {
    pub published: Published,
    pub challenges: MemoryChallenges,
    /// Said instead of the document.
    pub instead: Mutex<Option<(StatusCode, Bytes)>>,
    /// Polls that were answered since `instead` was last set.
    pub polls: AtomicUsize,
}

impl Skep {
    /// From now on Traefik's polls get this; comes back at the second of them, when it is done
    /// with the first.
    pub async fn say(&self, status: StatusCode, body: impl Into<Bytes>) {
        *self.instead.lock().unwrap() = Some((status, body.into()));
        self.polls.store(0, Ordering::SeqCst);
        until("two polls", async || (self.polls.load(Ordering::SeqCst) >= 2).then_some(())).await;
    }
}

async fn poll(State(skep): State<Arc<Skep>>, headers: HeaderMap) -> Response {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if shown != Some(&format!("Bearer {TOKEN}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    skep.polls.fetch_add(1, Ordering::SeqCst);
    if let Some(said) = skep.instead.lock().unwrap().clone() {
        return said.into_response();
    }
    match skep.published.current_within(Duration::from_secs(4)).await {
        Some(document) => document.json.clone().into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn answer(State(skep): State<Arc<Skep>>, Path(token): Path<String>) -> Response {
    skep.challenges
        .answer(&token)
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

/// Skep's pages in place of an app's, as far as the edge is concerned; what they say is tested with Skep.
async fn page(Path((_, why)): Path<(String, String)>, request: Request) -> Response {
    let text = format!("page {why} {}", request.uri().query().unwrap_or("-"));
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// Lets in who shows a certain cookie, as far as the edge is concerned.
async fn gate(headers: HeaderMap) -> Response {
    let shown = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if shown("cookie") == "pass=good" {
        return ([("x-skep-user", "ada@example.org")], "").into_response();
    }
    let to = format!("https://skep.example.org{}?of={}", shown("x-forwarded-uri"), shown("x-forwarded-host"));
    (StatusCode::SEE_OTHER, [("location", to.as_str()), ("set-cookie", "state=word")]).into_response()
}

/// Listens on a free port of loopback.
pub async fn serve(router: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, task)
}

impl Stage {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with further entry points of the edge: their names and addresses.
    pub async fn start_with(further: &[(String, String)]) -> Self {
        let skep = Arc::new(Skep::default());
        let router = Router::new()
            .route("/edge/traefik", get(poll))
            .route("/.well-known/acme-challenge/{token}", get(answer))
            .route("/edge/page/{domain}/{why}", any(page))
            .route("/edge/gate/{domain}", any(gate))
            .fallback(async || "Skep itself")
            .with_state(skep.clone());
        let (address, _) = serve(router).await;
        Self { skep, address, traefik: Traefik::start_with(address, further).await }
    }

    /// What there is to publish for these routes.
    pub fn input(&self, routes: Vec<Route>) -> EdgeInput {
        let https_port = Some(self.traefik.websecure.port());
        let options = Options { loopback: true, https_port, ..Options::default() };
        let skep = vec![format!("http://{}", self.address).parse().unwrap()];
        EdgeInput { skep, routes, options, ..EdgeInput::default() }
    }

    /// Publishes and waits until Traefik serves it, which a mark by its own host shows.
    pub async fn publish(&self, mut input: EdgeInput) {
        let mark = format!("mark-{}.example.org", AppId::new(&SystemClock));
        input.routes.push(Route { scheme: Scheme::Http, ..route(&mark, "/", &[self.address]) });
        self.skep.published.offer(input, std::time::Instant::now());
        self.serves(&mark).await;
    }

    /// Waits until a host is routed.
    pub async fn serves(&self, host: &str) {
        let client = self.traefik.client(&[host], None);
        let address = self.traefik.http(host, "/");
        until("Traefik serves the new routes", async || {
            client.get(&address).send().await.ok().filter(|answer| answer.status() != StatusCode::NOT_FOUND)
        })
        .await;
    }

    /// Status and body of a GET by plain http.
    pub async fn get(&self, host: &str, path: &str) -> (u16, String) {
        let answer =
            self.traefik.client(&[host], None).get(self.traefik.http(host, path)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[async_trait::async_trait]
impl Challenges for Skep {
    async fn put(&self, token: &str, key: &str, host: &HostPattern, expires: Time) -> Result<(), String> {
        self.challenges.put(token, key, host, expires).await
    }
    async fn remove(&self, token: &str) -> Result<(), String> {
        self.challenges.remove(token).await
    }
}

/// An app that tells what reached it.
pub struct App {
    pub address: SocketAddr,
    pub hits: Arc<AtomicUsize>,
    pub task: JoinHandle<()>,
}

impl App {
    pub async fn start(name: &'static str) -> Self {
        let hits = Arc::new(AtomicUsize::new(0));
        let counter = hits.clone();
        let tell = move |request: Request| async move {
            counter.fetch_add(1, Ordering::SeqCst);
            let headers: serde_json::Map<String, Value> = request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
                .collect();
            let target = request.uri().to_string();
            axum::Json(json!({ "app": name, "target": target, "headers": headers })).into_response()
        };
        let (address, task) = serve(Router::new().fallback(tell)).await;
        Self { address, hits, task }
    }
}

/// A route with plain http besides https, so that one client can try both.
pub fn route(host: &str, path: &str, servers: &[SocketAddr]) -> Route {
    Route {
        id: DomainId::new(&SystemClock),
        app: AppId::new(&SystemClock),
        host: HostPattern::parse(host).unwrap(),
        path: PathPrefix::parse(path).unwrap(),
        strip: false,
        scheme: Scheme::Https { redirect: false },
        servers: Servers::At(servers.to_vec()),
        trial: None,
        health: None,
        encoded_slash: false,
        other_host: None,
        options: Default::default(),
        logins: Vec::new(),
    }
}

/// A certificate for `host`, and the root that signed it.
pub fn certificate(host: &str) -> (Certificate, String) {
    let root = authority();
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec![host.to_owned()]).unwrap();
    let certificate = Certificate {
        id: CertificateId::new(&SystemClock),
        hosts: vec![HostPattern::parse(host).unwrap()],
        chain: params.signed_by(&key, &root).unwrap().pem(),
        key: Secret::new(key.serialize_pem()),
    };
    (certificate, root.pem())
}

/// The JSON that an app answered.
pub fn told(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| panic!("no app answered this: {body}"))
}
