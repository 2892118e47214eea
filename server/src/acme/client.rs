//! The wire to a CA: https only, no redirects, bounded in time and size; keeps the CA's
//! `Retry-After`, which would be lost with the head of the answer.

use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{body::Bytes, http};
use chrono::DateTime;
use http_body_util::BodyExt as _;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};

use crate::domain::clock::{Clock, Time};

/// Longest answer that is read: a certificate chain is a few KiB.
const LARGEST: usize = 1024 * 1024;
const AGENT: &str = concat!("skep/", env!("CARGO_PKG_VERSION"), " instant-acme");

/// Why there is no answer that a CA gives.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wire {
    /// No connection, or none in time.
    #[error("{0}")]
    Unreachable(String),
    /// An error of the machine in front of the CA, or inside it.
    #[error("it answers {0}")]
    Down(u16),
    /// Too many requests, said without a problem document.
    #[error("it answers 429: too many requests")]
    Busy,
    /// Some other error that is no problem document.
    #[error("it answers {0}, and not as an ACME directory does")]
    NotAcme(u16),
    /// Longer than any answer of a CA.
    #[error("its answer is longer than {LARGEST} bytes")]
    TooLarge,
}

/// Builds the client that all operations share. `ca`: further root certificates, PEM.
pub(super) fn build(ca: Option<&[u8]>) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30));
    for root in ca.map(reqwest::Certificate::from_pem_bundle).transpose()?.unwrap_or_default() {
        builder = builder.add_root_certificate(root);
    }
    builder.build()
}

/// One operation's use of the client.
#[derive(Clone)]
pub(super) struct Client {
    pub http: reqwest::Client,
    pub clock: Arc<dyn Clock>,
    asked: Arc<Mutex<Option<Time>>>,
}

impl Client {
    pub fn new(http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock, asked: Arc::default() }
    }

    /// The `Retry-After` of the last answer that was an error, or that asked for patience by itself.
    pub fn retry_after(&self) -> Option<Time> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one request and reads its answer, which is a success or a problem document.
    pub async fn send(&self, request: reqwest::Request) -> Result<(http::response::Parts, Bytes), Wire> {
        let lost = |error: reqwest::Error| Wire::Unreachable(innermost(&error));
        let mut response = self.http.execute(request).await.map_err(lost)?;
        let status = response.status();
        if !status.is_success() || response.headers().contains_key(RETRY_AFTER) {
            let asked = retry_after(response.headers(), self.clock.now());
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
        }
        let json = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.contains("json"));
        if !status.is_success() && !response.headers().get(CONTENT_TYPE).is_some_and(json) {
            return Err(match status.as_u16() {
                429 => Wire::Busy,
                down @ 500.. => Wire::Down(down),
                other => Wire::NotAcme(other),
            });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Wire::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut parts = http::Response::new(()).into_parts().0;
        parts.status = status;
        parts.headers = std::mem::take(response.headers_mut());
        Ok((parts, body.into()))
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: http::Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            parts.headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let request = reqwest::Request::try_from(http::Request::from_parts(parts, body))
                .map_err(|error| Error::Other(Box::new(error)))?;
            let (parts, body) = client.send(request).await.map_err(|wire| Error::Other(Box::new(wire)))?;
            Ok(BytesResponse { parts, body: Box::new(body) })
        })
    }
}

/// The `Retry-After` of an answer (RFC 9110, 10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Time) -> Option<Time> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<u32>() {
        Ok(seconds) => Some(now + chrono::Duration::seconds(seconds.into())),
        Err(_) => Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc()),
    }
}

/// The cause of an error, without the layers around it (they name the address, which is known).
fn innermost(error: &dyn StdError) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(of("120"), Some(now + chrono::Duration::seconds(120)));
        assert_eq!(of("Fri, 31 Dec 1999 23:59:59 GMT").unwrap().timestamp(), 946_684_799);
        assert_eq!(of("-5"), None);
        assert_eq!(of("soon"), None);
        assert_eq!(of("99999999999999999999"), None);
    }
}
