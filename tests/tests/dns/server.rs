//! A provider that says what it was told to say, one answer after the other, and keeps what it was asked.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::Request};
use http_body_util::BodyExt as _;
use skep::{
    dns::{Dns as _, Outside, Zone},
    domain::{
        clock::SystemClock, dns_provider::Settings, domain_name::Hostname, outbound::Outbound, store::Login,
    },
};

/// A question and its answer: `GET /path?query`, the status, the body.
pub type Line = (&'static str, u16, &'static str);

/// What was asked: the line, the headers, the body.
pub struct Asked {
    pub line: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

#[derive(Clone, Default)]
pub struct Provider {
    script: Arc<Mutex<VecDeque<Line>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    /// Starts one with this script; its address.
    pub async fn start(script: &[Line]) -> (Self, String) {
        let provider = Self::default();
        provider.script.lock().unwrap().extend(script);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (provider, address)
    }

    /// All that was asked; the script must be at its end, and each question the one that was written.
    pub fn asked(&self) -> Vec<Asked> {
        assert_eq!(self.script.lock().unwrap().len(), 0, "not all was asked");
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn answer(
    State(provider): State<Provider>,
    request: Request<axum::body::Body>,
) -> (axum::http::StatusCode, Bytes) {
    let line = format!("{} {}", request.method(), request.uri());
    let headers = request.headers().clone();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    provider.asked.lock().unwrap().push(Asked { line: line.clone(), headers, body });
    let next = provider.script.lock().unwrap().pop_front();
    match next {
        Some((wanted, status, text)) if wanted == line => {
            (axum::http::StatusCode::from_u16(status).unwrap(), Bytes::from_static(text.as_bytes()))
        }
        other => {
            let words = format!("{{\"message\": \"asked {line} instead of {other:?}\"}}");
            (axum::http::StatusCode::IM_A_TEAPOT, words.into())
        }
    }
}

/// Opens `example.org` there.
pub fn open(settings: &str, login: (&str, &str)) -> Box<dyn Zone> {
    let settings: Settings = serde_json::from_str(settings).unwrap();
    let outside = Outside::new(Outbound::parse("127.0.0.0/8").unwrap(), Arc::new(SystemClock));
    let zone = Hostname::parse("example.org").unwrap();
    outside.open(&settings, &zone, Login::new(login.0, login.1).unwrap()).unwrap()
}
