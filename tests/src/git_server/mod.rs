//! A small git host: git's own smart HTTP behind axum, for tests and for the demo.
//!
//! `git push`, `git clone` and `git fetch` work as at any host; repositories are bare ones in a
//! folder. After a push it tells a webhook, in Skep's generic signed form.
//!
//! ```text
//! GET/POST /<name>.git/…           git's protocol
//! PUT      /-/repositories/<name>  makes an empty repository (`team/app`); made already: nothing
//! PUT      /-/hooks/<name>         {"url": "…", "secret": "…"}: told after each push
//! ```
//! With a login set, all of them want it (HTTP basic).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path as Named, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, put},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{net::TcpListener, task::JoinHandle};

mod cgi;
mod hook;
mod repository;

pub use hook::Hook;
pub use repository::create;

/// How a host behaves.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The folder of the bare repositories.
    pub root: PathBuf,
    /// User and password that everything wants.
    pub login: Option<(String, String)>,
    /// Told after a push to a repository that has no hook of its own.
    pub hook: Option<Hook>,
    /// Speak the oldest protocol only: such hosts refuse to give a commit by its id.
    pub oldest_protocol: bool,
}

/// Serves until the listener's task is dropped.
///
/// # Errors
/// Those of the listener.
pub async fn serve(listener: TcpListener, settings: Settings) -> std::io::Result<()> {
    let router = Router::new()
        .route("/-/repositories/{*name}", put(make))
        .route("/-/hooks/{*name}", put(set_hook))
        .fallback(any(git))
        .with_state(Arc::new(settings));
    axum::serve(listener, router).await
}

type Shared = State<Arc<Settings>>;

/// The answer to somebody who has not signed in.
fn stranger(settings: &Settings, headers: &HeaderMap) -> Option<Response> {
    let (user, password) = settings.login.as_ref()?;
    let right = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    if headers.get(header::AUTHORIZATION).is_some_and(|told| told.as_bytes() == right.as_bytes()) {
        return None;
    }
    let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")];
    Some((StatusCode::UNAUTHORIZED, ask, "sign in").into_response())
}

async fn make(State(settings): Shared, Named(name): Named<String>, headers: HeaderMap) -> Response {
    if let Some(refused) = stranger(&settings, &headers) {
        return refused;
    }
    answer(create(&settings.root, &name).await.map(|_| StatusCode::NO_CONTENT))
}

async fn set_hook(
    State(settings): Shared,
    Named(name): Named<String>,
    headers: HeaderMap,
    Json(hook): Json<Hook>,
) -> Response {
    if let Some(refused) = stranger(&settings, &headers) {
        return refused;
    }
    answer(hook.save(&settings.root, &name).await.map(|()| StatusCode::NO_CONTENT))
}

async fn git(State(settings): Shared, request: Request) -> Response {
    if let Some(refused) = stranger(&settings, request.headers()) {
        return refused;
    }
    let pushes = request.uri().path().ends_with("/git-receive-pack");
    if !pushes {
        return answer(cgi::run(&settings, request).await);
    }
    let name = request.uri().path().trim_end_matches("/git-receive-pack").trim_matches('/').to_owned();
    let before = repository::refs(&settings.root, &name).await;
    // The pack must be taken in before the refs are read again, so the answer is held until then.
    let response = match cgi::run(&settings, request).await {
        Ok(response) => response,
        Err(error) => return answer::<StatusCode>(Err(error)),
    };
    let (parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, 16 << 20).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let after = repository::refs(&settings.root, &name).await;
    if let (Ok(before), Ok(after)) = (before, after) {
        tokio::spawn(hook::tell(settings, name, before, after));
    }
    Response::from_parts(parts, Body::from(whole))
}

fn answer<T: IntoResponse>(result: std::io::Result<T>) -> Response {
    match result {
        Ok(value) => value.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

/// A host of its own on loopback, for one test; gone when dropped.
#[derive(Debug)]
pub struct TestGitServer {
    /// `http://127.0.0.1:port`
    pub url: String,
    root: tempfile::TempDir,
    task: JoinHandle<()>,
}

impl TestGitServer {
    /// Starts one; `settings.root` is replaced by an own folder.
    ///
    /// # Panics
    /// If the machine gives no folder or no port.
    pub async fn start(settings: Settings) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let settings = Settings { root: root.path().to_owned(), ..settings };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let task = tokio::spawn(async move {
            let _ = serve(listener, settings).await;
        });
        Self { url, root, task }
    }

    /// Makes an empty repository and gives its clone URL.
    ///
    /// # Panics
    /// If git cannot make it.
    pub async fn repository(&self, name: &str) -> String {
        create(self.root.path(), name).await.expect("a repository");
        format!("{}/{name}.git", self.url)
    }

    /// The folder of a repository, to look into it or to spoil it.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        self.root().join(format!("{name}.git"))
    }

    /// The folder of all repositories.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.root.path()
    }
}

impl Drop for TestGitServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
