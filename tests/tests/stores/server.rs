//! A store on loopback that notes what it is asked and answers as a test says.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use serde_json::Value;
use skep::{
    domain::{
        clock::{Clock, MockClock},
        outbound::Outbound,
        store::{Login, Settings},
    },
    stores::{Outside, Store, StoreError, Stores as _},
};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    /// Path and query, as they were sent.
    pub uri: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Told = Arc<Mutex<Vec<Seen>>>;
type Answers = dyn Fn(&Seen) -> Response + Send + Sync;

/// A store.
#[derive(Clone)]
pub struct Server {
    pub address: String,
    seen: Told,
}

impl Server {
    pub async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let state: (Told, Arc<Answers>) = (Arc::clone(&seen), Arc::new(answer));
        let router = Router::new()
            .fallback(
                async |State((seen, answer)): State<(Told, Arc<Answers>)>,
                       method: Method,
                       uri: Uri,
                       headers: HeaderMap,
                       body: Bytes| {
                    let body = String::from_utf8(body.to_vec()).unwrap();
                    let asked = Seen { method, uri: uri.to_string(), headers, body };
                    seen.lock().unwrap().push(asked.clone());
                    answer(&asked)
                },
            )
            .with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    /// All that was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The store there, of a kind, at an address below the server's own.
    pub fn open(&self, below: &str, settings: &str, id: &str, secret: &str) -> Box<dyn Store> {
        open(&format!("{}{below}", self.address), settings, id, secret, "127.0.0.0/8")
    }
}

/// Opens a store at the moment of AWS's examples; `allowed` as in `SKEP_ALLOW_ADDRESSES`.
pub fn open(address: &str, settings: &str, id: &str, secret: &str, allowed: &str) -> Box<dyn Store> {
    let at = "2015-08-30T12:36:00Z".parse().unwrap();
    open_at(Arc::new(MockClock::at(at)), address, settings, id, secret, allowed)
}

pub fn open_at(
    clock: Arc<dyn Clock>,
    address: &str,
    settings: &str,
    id: &str,
    secret: &str,
    allowed: &str,
) -> Box<dyn Store> {
    let settings: Settings = serde_json::from_str(settings).unwrap();
    let address = settings.address(address).unwrap();
    let login = Login::new(id, secret).unwrap();
    assert!(settings.faults(&login).is_empty(), "{:?}", settings.faults(&login));
    Outside::new(Outbound::parse(allowed).unwrap(), clock).open(&address, &settings, login)
}

/// An answer.
pub fn answer(status: u16, kind: &str, body: impl Into<Body>) -> Response {
    Response::builder().status(status).header("content-type", kind).body(body.into()).unwrap()
}

/// An answer of JSON.
pub fn json(status: u16, body: &str) -> Response {
    answer(status, "application/json", body.to_owned())
}

/// Nothing is here.
pub fn nothing() -> Response {
    answer(StatusCode::NOT_FOUND.as_u16(), "text/plain", "404 page not found")
}

/// What was read, or the code and the words of why it was not.
pub async fn read(store: &dyn Store, path: &str, key: &str) -> Result<String, (&'static str, String)> {
    let key = Some(key).filter(|key| !key.is_empty());
    let told = |error: StoreError| (error.code(), error.to_string());
    store.read(path, key).await.map(|secret| secret.expose().to_owned()).map_err(told)
}
