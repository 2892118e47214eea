//! Speaks with the server: JSON there and back, and every answer that is no success as a
//! [`Failure`].

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use url::Url;

use super::{
    config,
    fault::{Failure, Problem},
};
use crate::domain::secret::Secret;

/// An answer must have come by then.
const WITHIN: Duration = Duration::from_secs(30);
/// An archive must be sent by then.
const UPLOAD: Duration = Duration::from_secs(900);
/// Somebody must have taken the call by then.
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read at most.
const MOST: usize = 64 << 20;

/// A server, and who we are for it.
pub(super) struct Api {
    http: reqwest::Client,
    server: Url,
    token: Option<Secret>,
}

impl Api {
    /// The server that is known, with a token for it.
    pub(super) fn signed_in() -> Result<Self, Failure> {
        let known = config::known()?;
        if known.token.is_none() {
            return Err(Failure::Unreachable(format!(
                "not signed in at {}: run `skep login`, or set SKEP_SERVER and SKEP_TOKEN",
                known.server
            )));
        }
        Self::new(known.server, known.token)
    }

    /// This server, with this token.
    pub(super) fn new(server: Url, token: Option<Secret>) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("skep/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Failure::NotDone(format!("no HTTP client: {}", why(&error))))?;
        Ok(Self { http, server, token })
    }

    /// Where it is.
    pub(super) const fn server(&self) -> &Url {
        &self.server
    }

    /// A request to be sent by [`Api::send`]; `path` begins with a slash.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let url = self.server.join(path).map_err(|_| Failure::Usage(format!("no such address: {path}")))?;
        let request = self.http.request(method, url);
        Ok(match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        })
    }

    /// Sends it; an answer that is no success is a failure.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let place = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let body = self.body(answer).await?;
        if let Ok(problem) = serde_json::from_slice::<Problem>(&body) {
            return Err(Failure::Problem(status, problem));
        }
        Err(Failure::Unreachable(match place.filter(|_| status.is_redirection()) {
            Some(to) => format!("{} leads to {to}: sign in there by `skep login --server`", self.server),
            None => format!("{} answers {status}, and not as Skep does", self.server),
        }))
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let mut request = self.request(method, &format!("/api/v1{path}"))?.timeout(WITHIN);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = self.send(request).await?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let body = self.body(answer).await?;
        serde_json::from_slice(&body)
            .map_err(|_| Failure::Unreachable(format!("{} does not answer as Skep does", self.server)))
    }

    /// The body of an answer, up to a bound.
    async fn body(&self, mut answer: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + bytes.len() > MOST {
                return Err(Failure::NotDone("the answer is too large".into()));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(body)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Sends an archive; the server reads it while it comes.
    pub(super) async fn upload(&self, path: &str, archive: Vec<u8>) -> Result<Value, Failure> {
        let request = self.request(Method::PUT, &format!("/api/v1{path}"))?.timeout(UPLOAD).body(archive);
        let body = self.body(self.send(request).await?).await?;
        serde_json::from_slice(&body)
            .map_err(|_| Failure::Unreachable(format!("{} does not answer as Skep does", self.server)))
    }

    /// For a command without anything to say.
    pub(super) async fn order(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::POST, path, None).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.call(Method::DELETE, path, None).await.map(drop)
    }

    /// A whole list, page after page.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("limit", "100");
            if let Some(cursor) = &cursor {
                query.append_pair("cursor", cursor);
            }
            let mut page = self.get(&format!("{path}?{}", query.finish())).await?;
            let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) else {
                return Err(Failure::Unreachable(format!("{} does not answer as Skep does", self.server)));
            };
            let some = !items.is_empty();
            all.extend(items);
            let next = page.get("next").and_then(Value::as_str).map(str::to_owned);
            if next.is_none() || next == cursor || !some {
                return Ok(all);
            }
            cursor = next;
        }
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let hint = if error.is_connect() { "; is it running, and is the address right?" } else { "" };
        Failure::Unreachable(format!("no answer from {}: {}{hint}", self.server, why(error)))
    }
}

/// The innermost reason: the outer ones only say that there is one.
fn why(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
