//! Asks Skep for what is new, and reports what Traefik serves.
//!
//! The question stays open at Skep until there is something new. Every server that a name leads to is
//! tried, beginning with the one that answered last, so that one that is away costs one connection.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use url::Url;

use super::{Document, Settings, Shared, Unfit, kept::Kept};
use crate::{
    domain::{clock::Clock, secret::Secret, traffic::Watching},
    edge::traffic::{self, NotTaken},
};

/// How long Skep may keep a question open.
const WAIT: Duration = Duration::from_secs(25);
/// What Skep needs beyond that to answer, with the largest configuration.
const ANSWER: Duration = Duration::from_secs(15);
/// What Skep needs to take what was counted.
const COUNTS: Duration = Duration::from_secs(5);
/// For a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Reports go at a change, and at least so often: Skep tells by them who is alive.
pub(super) const REPORT: Duration = Duration::from_secs(5);
/// The pauses after all servers failed: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));
/// A larger answer is not read: 50,000 domains with a certificate each.
const MOST: usize = 256 << 20;

/// What one replica says of itself (`PUT /edge/replicas/{id}`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The node's name.
    pub node: String,
    /// The version that its Traefik serves; none yet.
    pub loaded: Option<String>,
    /// The keeper's own version.
    pub program: String,
}

/// The id of a replica: new with each start.
pub type Replica = uuid::Uuid;

/// One question over HTTP/1.1.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    pub method: Method,
    pub host: &'a str,
    pub path: &'a str,
    pub token: Option<&'a Secret>,
    pub known: Option<&'a str>,
    pub body: Bytes,
    pub within: Duration,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self {
            method: Method::GET,
            host: "localhost",
            path: "/",
            token: None,
            known: None,
            body: Bytes::new(),
            within: CONNECT,
        }
    }
}

/// What was answered.
pub(super) struct Answer {
    pub status: StatusCode,
    pub etag: String,
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silent {
    #[error("no connection: {0}")]
    Connect(#[from] std::io::Error),
    #[error("no whole answer: {0}")]
    Http(#[from] hyper::Error),
    #[error("no whole answer: {0}")]
    Body(String),
    #[error("no answer in time")]
    Late,
    #[error("the question cannot be put: {0}")]
    Question(#[from] hyper::http::Error),
}

/// Asks one server, on a connection of its own.
pub(super) async fn ask(server: SocketAddr, ask: Ask<'_>) -> Result<Answer, Silent> {
    let stream =
        tokio::time::timeout(CONNECT, TcpStream::connect(server)).await.map_err(|_| Silent::Late)??;
    let exchange = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Ends with the sender, or with this function.
        let mut connection = std::pin::pin!(connection);
        let mut request = Request::builder().method(ask.method).uri(ask.path).header(header::HOST, ask.host);
        if let Some(token) = ask.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        if let Some(known) = ask.known {
            request = request.header(header::IF_NONE_MATCH, format!("\"{known}\""));
        }
        if !ask.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(ask.body))?;
        let answered = async {
            let answer = sender.send_request(request).await?;
            let (head, body) = answer.into_parts();
            let etag = head.headers.get(header::ETAG).and_then(|value| value.to_str().ok());
            let etag = etag.unwrap_or_default().to_owned();
            let body =
                Limited::new(body, MOST).collect().await.map_err(|error| Silent::Body(error.to_string()))?;
            Ok(Answer { status: head.status, etag, body: body.to_bytes() })
        };
        let mut answered = std::pin::pin!(answered);
        tokio::select! {
            answer = &mut answered => answer,
            ended = &mut connection => {
                ended?;
                answered.await
            }
        }
    };
    tokio::time::timeout(ask.within, exchange).await.map_err(|_| Silent::Late)?
}

/// What came of asking for what is new.
enum News {
    Changed(Document),
    Same,
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0} leads nowhere: {1}")]
    Name(String, std::io::Error),
    #[error("{0}: {1}")]
    Silent(SocketAddr, Silent),
    #[error("{0} answers {1}{hint}", hint = if *.1 == StatusCode::UNAUTHORIZED { ": the edge's token is not Skep's (SKEP_EDGE_TOKEN)" } else { "" })]
    Refused(SocketAddr, StatusCode),
    #[error("{0}: {1}")]
    Unfit(SocketAddr, Unfit),
    #[error("no address of Skep is known")]
    Nowhere,
}

/// Skep, as one replica reaches it.
pub(super) struct Skep {
    urls: Vec<Url>,
    token: Secret,
    node: String,
    id: Replica,
    /// Which of all addresses answered last.
    last: AtomicUsize,
}

impl Skep {
    pub(super) fn new(settings: &Settings, id: Replica) -> Self {
        Self {
            urls: settings.skep.clone(),
            token: settings.token.clone(),
            node: settings.node.clone(),
            id,
            last: AtomicUsize::new(0),
        }
    }

    /// All servers that the names lead to now, each with the name for its `Host`.
    async fn servers(&self) -> Result<Vec<(SocketAddr, String)>, Trouble> {
        let mut all = Vec::new();
        let mut wrong = None;
        for url in &self.urls {
            let host = url.host_str().unwrap_or_default();
            let port = url.port_or_known_default().unwrap_or(80);
            let name = format!("{host}:{port}");
            match tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await {
                Ok(found) => {
                    let mut found: Vec<_> = found.collect();
                    found.sort();
                    all.extend(found.into_iter().map(|server| (server, name.clone())));
                }
                Err(error) => wrong = Some(Trouble::Name(name, error)),
            }
        }
        match wrong {
            Some(wrong) if all.is_empty() => Err(wrong),
            _ => Ok(all),
        }
    }

    /// Puts a question to one server after the other until `fit` takes an answer.
    async fn first<T>(
        &self,
        question: Ask<'_>,
        fit: impl Fn(SocketAddr, Answer) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let servers = self.servers().await?;
        let begin = self.last.load(Ordering::Relaxed);
        let mut trouble = Trouble::Nowhere;
        for step in 0..servers.len() {
            let at = (begin + step) % servers.len();
            let (server, host) = &servers[at];
            let asked = ask(*server, Ask { host, token: Some(&self.token), ..question.clone() }).await;
            match asked.map_err(|silent| Trouble::Silent(*server, silent)).and_then(|a| fit(*server, a)) {
                Ok(done) => {
                    self.last.store(at, Ordering::Relaxed);
                    return Ok(done);
                }
                Err(next) => trouble = next,
            }
        }
        Err(trouble)
    }

    /// What is not the version `known`; a server may keep the question open.
    async fn news(&self, known: Option<&str>) -> Result<News, Trouble> {
        let path = format!("/edge/traefik?wait={}", WAIT.as_secs());
        let question = Ask { path: &path, known, within: WAIT + ANSWER, ..Ask::default() };
        self.first(question, |server, answer| match answer.status {
            StatusCode::NOT_MODIFIED => Ok(News::Same),
            StatusCode::OK => Document::checked(&answer.etag, answer.body)
                .map(News::Changed)
                .map_err(|unfit| Trouble::Unfit(server, unfit)),
            status => Err(Trouble::Refused(server, status)),
        })
        .await
    }

    /// Reports, or says goodbye.
    async fn tell(&self, method: Method, report: Option<&Report>) -> Result<(), Trouble> {
        let body = report.and_then(|report| serde_json::to_vec(report).ok()).unwrap_or_default();
        let path = format!("/edge/replicas/{}", self.id);
        let question = Ask { method, path: &path, body: body.into(), ..Ask::default() };
        self.first(question, |server, answer| {
            if answer.status.is_success() { Ok(()) } else { Err(Trouble::Refused(server, answer.status)) }
        })
        .await
    }
}

#[async_trait]
impl traffic::Skep for Skep {
    async fn report(&self, body: Vec<u8>) -> Result<Watching, NotTaken> {
        let question = Ask {
            method: Method::POST,
            path: "/edge/traffic",
            body: body.into(),
            within: COUNTS,
            ..Ask::default()
        };
        let taken = self.first(question, |server, answer| match answer.status {
            StatusCode::OK => Ok(Ok(answer.body)),
            // No other server would take it, either.
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => Ok(Err(NotTaken::Never(answer.status.as_u16()))),
            status => Err(Trouble::Refused(server, status)),
        });
        let later = |trouble: &dyn std::fmt::Display| NotTaken::Later(trouble.to_string());
        let body = taken.await.map_err(|trouble| later(&trouble))??;
        serde_json::from_slice(&body).map_err(|error| later(&error))
    }
}

/// Keeps `shared.document` at what Skep says, and what is kept on the node with it.
pub(super) async fn follow(skep: Arc<Skep>, shared: Shared, kept: Kept, clock: Arc<dyn Clock>) {
    let mut pause = PAUSE.0;
    loop {
        let known = shared.document.borrow().as_ref().map(|document| document.version.clone());
        match skep.news(known.as_deref()).await {
            Ok(news) => {
                pause = PAUSE.0;
                if shared.status.answered() {
                    tracing::info!("Skep answers");
                }
                if let News::Changed(document) = news {
                    let document = Arc::new(document);
                    tracing::info!(version = document.version, "A new configuration");
                    shared.status.changed(clock.now());
                    shared.document.send_replace(Some(document.clone()));
                    kept.write(document).await;
                }
            }
            Err(trouble) => {
                if shared.status.away(clock.now()) || pause == PAUSE.0 {
                    tracing::warn!(%trouble, "Skep cannot be asked; what was served last is served on");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE.1);
            }
        }
    }
}

/// Reports what Traefik serves, at each change and each [`REPORT`], and at last that it ends.
pub(super) async fn report(skep: Arc<Skep>, shared: Shared) {
    let mut loaded = shared.loaded.subscribe();
    loop {
        let version = loaded.borrow_and_update().clone();
        let report = Report {
            node: skep.node.clone(),
            loaded: version,
            program: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let next = match skep.tell(Method::PUT, Some(&report)).await {
            Ok(()) => REPORT,
            Err(trouble) => {
                tracing::debug!(%trouble, "Skep was not told what is served");
                PAUSE.1
            }
        };
        tokio::select! {
            () = tokio::time::sleep(next) => {}
            _ = loaded.changed() => {}
            () = shared.stop.cancelled() => break,
        }
    }
    if let Err(trouble) = skep.tell(Method::DELETE, None).await {
        tracing::debug!(%trouble, "Skep was not told that this replica ends");
    }
}
