//! One line of Traefik's access log (JSON, 3.7): only the fields that are counted or shown, borrowed
//! from the line. Tests read what the real Traefik writes (`tests/tests/edge/traffic.rs`).

use std::{borrow::Cow, time::Duration};

use serde::Deserialize;

use crate::domain::{id::DomainId, traffic::Line};

/// A request that ended.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Access<'a> {
    /// `d-ID@http`, `d-ID-http@http`...; none if no route fits.
    #[serde(borrow, default)]
    pub router_name: Cow<'a, str>,
    /// `address:port` of who answered; none if the edge itself. See [`Self::backend`].
    #[serde(borrow, default)]
    pub service_addr: Cow<'a, str>,
    /// `d-ID@http`, or `skep@http` where Skep answers in the app's place.
    #[serde(borrow, default)]
    pub service_name: Cow<'a, str>,
    /// The status that the client got; 0 for a connection that became a WebSocket or the like.
    pub downstream_status: u16,
    /// From the first byte of the request to the last of the answer, nanoseconds.
    pub duration: u64,
    /// Bytes of the answer's body.
    #[serde(default)]
    pub downstream_content_size: i64,
    /// Bytes of the request's body.
    #[serde(default)]
    pub request_content_size: i64,
    /// How often another backend was asked. Traefik 3.7.15 asks again and says 0 all the same.
    #[serde(default)]
    pub retry_attempts: u64,
    /// The method.
    #[serde(borrow, default)]
    pub request_method: Cow<'a, str>,
    /// The host, without port.
    #[serde(borrow, default)]
    pub request_host: Cow<'a, str>,
    /// The path; its query is left out by Traefik's configuration, and once more here.
    #[serde(borrow, default)]
    pub request_path: Cow<'a, str>,
    /// `HTTP/2.0`.
    #[serde(borrow, default)]
    pub request_protocol: Cow<'a, str>,
    /// Who asked: an address.
    #[serde(borrow, default)]
    pub client_host: Cow<'a, str>,
    /// When it began: RFC 3339.
    #[serde(borrow, default, rename = "StartUTC")]
    pub start: Cow<'a, str>,
}

impl<'a> Access<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// It is none of an access log.
    pub fn read(line: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(line)
    }

    /// The domain whose router took it; none for Skep's own routers, and for what no route fits.
    #[must_use]
    pub fn domain(&self) -> Option<DomainId> {
        self.router_name.strip_prefix("d-")?.get(..36)?.parse().ok()
    }

    /// The status: 101 where the connection was handed over.
    #[must_use]
    pub const fn status(&self) -> u16 {
        if self.downstream_status == 0 { 101 } else { self.downstream_status }
    }

    /// The first digit of the status; what is no status counts as the server's fault.
    #[must_use]
    pub fn class(&self) -> u8 {
        u8::try_from(self.status() / 100).ok().filter(|class| (1..=5).contains(class)).unwrap_or(5)
    }

    /// The app's server that answered, `address:port`; empty if none of the app's did.
    #[must_use]
    pub fn backend(&self) -> &str {
        if self.service_name.starts_with("skep@") { "" } else { &self.service_addr }
    }

    /// How long it took.
    #[must_use]
    pub const fn took(&self) -> Duration {
        Duration::from_nanos(self.duration)
    }

    /// The path without query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request_path.split('?').next().unwrap_or_default()
    }

    /// For who watches.
    #[must_use]
    pub fn shown(&self, domain: DomainId) -> Line {
        /// No client fills the answer to a watcher.
        const LONGEST: usize = 500;
        let text = |text: &str| text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned();
        Line {
            domain,
            at: text(&self.start),
            method: text(&self.request_method),
            host: text(&self.request_host),
            path: text(self.path()),
            protocol: text(&self.request_protocol),
            status: self.status(),
            micros: u64::try_from(self.took().as_micros()).unwrap_or(u64::MAX),
            bytes: u64::try_from(self.downstream_content_size).unwrap_or(0),
            client: text(&self.client_host),
            backend: text(self.backend()),
            retries: self.retry_attempts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    fn of_router(name: &str) -> Option<String> {
        let text = format!(r#"{{"RouterName":"{name}","DownstreamStatus":200,"Duration":1}}"#);
        Access::read(text.as_bytes()).expect("a line").domain().map(|domain| domain.to_string())
    }

    #[test]
    fn every_router_of_a_domain_is_its_own_and_no_other() {
        for suffix in ["@http", "-http@http", "-www@http", ""] {
            assert_eq!(of_router(&format!("d-{ID}{suffix}")).as_deref(), Some(ID));
        }
        for other in ["platform@http", "challenge@http", "", "d-", "d-0190@http", "metrics@internal", "d-é"]
        {
            assert_eq!(of_router(other), None, "{other}");
        }
    }

    #[test]
    fn what_clients_write_is_text_and_bounded() {
        let path = format!("/\\u001b[31m{}", "é".repeat(3_000));
        let text = format!(
            r#"{{"RouterName":"d-{ID}@http","DownstreamStatus":0,"Duration":1500,"RequestPath":"{path}?token=s3cret","RequestContentSize":-1}}"#
        );
        let line = Access::read(text.as_bytes()).expect("a line");
        assert_eq!((line.class(), line.status(), line.path().contains("s3cret")), (1, 101, false));
        let shown = line.shown(line.domain().expect("a domain"));
        assert!(shown.path.len() <= 500, "{}", shown.path.len());
        assert_eq!(shown.micros, 1);
        assert!(Access::read(b"{\"level\":\"warn\",\"message\":\"no line of a request\"}").is_err());
    }
}
