//! Requests to providers (S9): the name resolved and each address checked, connected to what was
//! checked, no redirect followed, bounded in time and size.

use std::{net::SocketAddr, time::Duration};

use reqwest::RequestBuilder;
use serde_json::Value;
use url::Url;

use super::{SsoError, words};
use crate::{
    domain::{outbound::Outbound, sso::secure},
    git::{
        GitError,
        cli::{SystemResolver, address},
    },
};

/// An answer is read no further.
const MOST: usize = 1 << 20;
/// All of an answer must be there by then.
const WITHIN: Duration = Duration::from_secs(10);

/// What was answered: the status, and the JSON of it.
#[derive(Debug)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body; null if it is no JSON.
    pub(super) json: Value,
}

impl Answer {
    /// The JSON of an answer that is a success.
    ///
    /// # Errors
    /// The provider's own words, or its status.
    pub(super) fn ok(self) -> Result<Value, SsoError> {
        if let Some(said) = said(&self.json) {
            return Err(SsoError::Said(said));
        }
        match self.status {
            200..=299 if self.json.is_object() || self.json.is_array() => Ok(self.json),
            200..=299 => Err(SsoError::wrong("not_a_provider", "the provider's answer is no JSON")),
            429 | 500.. => Err(SsoError::Unreachable(format!("it answers {}", self.status))),
            status => Err(SsoError::wrong("not_a_provider", format!("the provider answers {status}"))),
        }
    }
}

/// What an error answer says of itself (RFC 6749, 5.2): `invalid_client: Unknown client`.
pub(super) fn said(json: &Value) -> Option<String> {
    let error = json.get("error")?.as_str()?;
    let about = json.get("error_description").and_then(Value::as_str);
    Some(words(&about.map_or_else(|| error.to_owned(), |about| format!("{error}: {about}"))))
}

/// Asks providers.
pub(super) struct Http {
    outbound: Outbound,
}

impl Http {
    pub(super) const fn new(outbound: Outbound) -> Self {
        Self { outbound }
    }

    /// Reads an address, as `with` has the request.
    pub(super) async fn get(
        &self,
        url: &Url,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, SsoError> {
        let client = self.client(url).await?;
        read(with(client.get(url.clone()))).await
    }

    /// Sends a form.
    pub(super) async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, SsoError> {
        let client = self.client(url).await?;
        read(with(client.post(url.clone()).form(form))).await
    }

    /// A client that connects to the checked addresses of one host and to nothing else.
    async fn client(&self, url: &Url) -> Result<reqwest::Client, SsoError> {
        if !secure(url) {
            return Err(SsoError::wrong("not_a_provider", "the provider names an address that is not https"));
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses = address::checked(host, port, &self.outbound, &SystemResolver).await;
        let addresses = addresses.map_err(|error| match error {
            GitError::Refused { code, message } => SsoError::Wrong { code, message },
            other => SsoError::Unreachable(other.to_string()),
        })?;
        let sockets: Vec<SocketAddr> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WITHIN)
            .resolve_to_addrs(host, &sockets)
            .user_agent("skep")
            .build()
            .map_err(unreachable)
    }
}

async fn read(request: RequestBuilder) -> Result<Answer, SsoError> {
    let request = request.header("accept", "application/json");
    let mut answer = request.send().await.map_err(unreachable)?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&piece);
        if body.len() > MOST {
            return Err(SsoError::wrong("not_a_provider", "the provider's answer is larger than 1 MiB"));
        }
    }
    Ok(Answer { status, json: serde_json::from_slice(&body).unwrap_or_default() })
}

fn unreachable(error: reqwest::Error) -> SsoError {
    let error = error.without_url();
    let source = std::error::Error::source(&error);
    SsoError::Unreachable(words(
        &source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
    ))
}
