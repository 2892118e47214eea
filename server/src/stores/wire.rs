//! One request to a store and its answer as JSON, within bounds: the checked address, no redirects, ten
//! seconds, 1 MiB, and another try only where asking twice does no harm.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::{StoreError, words};
use crate::{
    domain::{
        outbound::Outbound,
        secret::Secret,
        store::{Login, StoreAddress},
    },
    git::{
        GitError,
        cli::{Resolve, address},
    },
};

/// For one question with all its tries.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const LARGEST: usize = 1 << 20;
/// Tries of one question.
const TRIES: u32 = 3;
/// Whoever asks to wait longer is not asked again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Whether a question may be asked again after it perhaps was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It reads.
    Yes,
    /// It uses something up: a sign-in that is counted.
    No,
}

/// What a store answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Null for an answer that is no JSON.
    pub(crate) json: Value,
    /// The answer as it came, for those who speak something else.
    pub(crate) text: String,
    /// What it says of itself, fit to be shown.
    pub(crate) words: String,
    /// The type that it says it has, fit to be shown.
    kind: String,
}

impl Answer {
    /// The JSON of an answer that says yes; else why not.
    pub(crate) fn good(self) -> Result<Value, StoreError> {
        let Self { status, json, text, words, kind } = self;
        match status.as_u16() {
            200..=299 if json.is_null() && !(status == StatusCode::NO_CONTENT && text.is_empty()) => {
                Err(StoreError::Unusable(format!("it is no JSON (its type is `{kind}`)")))
            }
            200..=299 => Ok(json),
            401 | 403 => Err(StoreError::Denied(words)),
            404 => Err(StoreError::Missing(words)),
            429 | 500.. => Err(StoreError::Unreachable(words)),
            _ => Err(StoreError::Unusable(words)),
        }
    }
}

/// The way to one store.
pub(crate) struct Wire {
    base: Url,
    outbound: Outbound,
    resolver: Arc<dyn Resolve>,
    client: OnceCell<Client>,
    secrets: Mutex<Vec<Secret>>,
}

impl Wire {
    /// To `address`; what is in `login` stands in no error.
    pub(crate) fn new(
        address: &StoreAddress,
        outbound: Outbound,
        resolver: Arc<dyn Resolve>,
        login: &Login,
    ) -> Self {
        let secrets = Mutex::new(vec![login.secret.clone()]);
        Self { base: address.url().clone(), outbound, resolver, client: OnceCell::new(), secrets }
    }

    /// The address with these parts behind it, each of them escaped.
    pub(crate) fn url<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// What stands in no error, either: a token that was signed in for.
    pub(crate) fn hide(&self, secret: &Secret) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret.clone());
    }

    fn shown(&self, text: &str) -> String {
        words::shown(text, &self.secrets.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks; `make` makes the request anew for each try.
    ///
    /// # Errors
    /// The address is not allowed; no answer, or none that can be read. A refusal is an [`Answer`].
    pub(crate) async fn ask(
        &self,
        again: Again,
        make: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, StoreError> {
        let late = || StoreError::Unreachable("no whole answer within 10 seconds".to_owned());
        tokio::time::timeout(PATIENCE, self.tries(again, make)).await.map_err(|_| late())?
    }

    async fn tries(
        &self,
        again: Again,
        make: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, StoreError> {
        let client = self.client.get_or_try_init(|| self.connect()).await?;
        let mut pause = Duration::from_millis(200);
        for left in (0..TRIES).rev() {
            let last = left == 0 || again == Again::No;
            match make(client).send().await {
                Err(error) if last => return Err(unreachable(error)),
                Err(_) => {}
                Ok(answer) if last || !passing(answer.status()) => return self.read(answer).await,
                Ok(answer) => match wait(&answer) {
                    Some(longer) if longer > LONGEST_WAIT => return self.read(answer).await,
                    Some(longer) => pause = pause.max(longer),
                    None => {}
                },
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(StoreError::Unreachable("it was asked in vain".to_owned()))
    }

    /// A client that connects to addresses that were checked, and to no others.
    async fn connect(&self) -> Result<Client, StoreError> {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or(443);
        let found = address::checked(host, port, &self.outbound, &*self.resolver).await;
        let addresses = found.map_err(|error| match error {
            GitError::Refused { message, .. } => StoreError::NotAllowed(message),
            other => StoreError::Unreachable(other.to_string()),
        })?;
        let sockets: Vec<SocketAddr> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .resolve_to_addrs(host, &sockets)
            .user_agent("skep")
            .build()
            .map_err(unreachable)
    }

    async fn read(&self, mut answer: Response) -> Result<Answer, StoreError> {
        let status = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
        if status.is_redirection() {
            let rule = "it leads on to another address, which is not followed: name that one";
            return Err(StoreError::Unusable(rule.to_owned()));
        }
        let waits = wait(&answer).map(|wait| format!("; it asks to wait {} s", wait.as_secs()));
        let mut body = Vec::new();
        while let Some(more) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + more.len() > LARGEST {
                return Err(StoreError::Unusable("it is larger than 1 MiB".to_owned()));
            }
            body.extend_from_slice(&more);
        }
        // By what it is, not by what it is called: some say `text/html` of JSON.
        let json: Option<Value> = serde_json::from_slice(&body).ok();
        let said = json
            .as_ref()
            .and_then(words::said)
            .or_else(|| words::tagged(&body))
            .map(|said| self.shown(&said));
        let said = said.filter(|said| !said.is_empty()).map(|said| format!(": {said}")).unwrap_or_default();
        let words = format!("{status}{said}{}", waits.unwrap_or_default());
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, json: json.unwrap_or(Value::Null), text, words, kind: self.shown(&kind) })
    }
}

/// Whether a refusal may have passed a moment later.
fn passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504)
}

/// How long it asks to wait (RFC 9110, 10.2.3), if it says so in seconds.
fn wait(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The innermost reason: the outer ones hold the address, which may have a secret in its query.
fn unreachable(error: reqwest::Error) -> StoreError {
    let error = error.without_url();
    let mut reason: &dyn std::error::Error = &error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    StoreError::Unreachable(words::shown(&reason.to_string(), &[]))
}
