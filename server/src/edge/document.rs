//! Traefik's words: the part of its dynamic configuration that we use, as JSON.
//!
//! Source: Traefik 3.7, routing configuration reference. Maps are sorted, so the same input
//! gives the same bytes on every replica.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{options, ports::Section};

/// The whole document.
#[derive(Serialize)]
pub(super) struct Dynamic<'a> {
    pub http: &'a Http,
    pub tls: &'a Tls<'a>,
    #[serde(skip_serializing_if = "Section::is_empty")]
    pub tcp: &'a Section,
    #[serde(skip_serializing_if = "Section::is_empty")]
    pub udp: &'a Section,
}

/// Routing.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http {
    pub routers: BTreeMap<String, Router>,
    pub services: BTreeMap<String, Service>,
    pub middlewares: BTreeMap<String, Middleware>,
    pub servers_transports: BTreeMap<String, Transport>,
}

/// Which requests go where, by way of what.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Router {
    pub entry_points: [&'static str; 1],
    pub rule: String,
    pub priority: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub middlewares: Vec<String>,
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Nothing>,
}

/// `{}`: on, with its defaults.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// Where requests go.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Service {
    /// Servers of equal rank.
    LoadBalancer(LoadBalancer),
    /// Other services, each with its share.
    Weighted(Weighted),
}

#[derive(Serialize)]
pub(super) struct Weighted {
    pub services: [Share; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<options::Sticky>,
}

#[derive(Serialize)]
pub(super) struct Share {
    pub name: String,
    pub weight: u8,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadBalancer {
    pub servers: Vec<Server>,
    pub pass_host_header: bool,
    pub servers_transport: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<options::Sticky>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check: Option<Health>,
}

#[derive(Clone, Serialize)]
pub(super) struct Server {
    pub url: String,
}

#[derive(Serialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    pub path: String,
    pub interval: String,
    pub timeout: String,
    pub follow_redirects: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Middleware {
    StripPrefix {
        prefixes: [String; 1],
    },
    RedirectScheme(Redirect),
    Retry(Attempts),
    InFlightReq(InFlight),
    EncodedCharacters(Encoded),
    Headers(SetHeaders),
    // Of a domain's options: their words stand beside what makes them.
    AddPrefix {
        prefix: String,
    },
    BasicAuth(options::BasicAuth),
    Buffering {
        max_request_body_bytes: u64,
    },
    Compress {
        excluded_content_types: Vec<&'static str>,
    },
    Errors(options::Errors),
    ForwardAuth(options::ForwardAuth),
    #[serde(rename = "headers")]
    Answer(options::Answer),
    #[serde(rename = "headers")]
    Ask {
        custom_request_headers: BTreeMap<String, String>,
    },
    IpAllowList {
        source_range: Vec<String>,
    },
    RateLimit(options::RateLimit),
    RedirectRegex(options::RedirectRegex),
    ReplacePath {
        path: String,
    },
}

/// Headers that a request gets; one that the client sent under that name is replaced.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetHeaders {
    pub custom_request_headers: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
pub(super) struct Redirect {
    pub scheme: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    pub permanent: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attempts {
    pub attempts: u32,
    pub initial_interval: String,
    pub timeout: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InFlight {
    pub amount: u32,
    pub source_criterion: Criterion,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Criterion {
    IpStrategy { depth: u32 },
    RequestHost(bool),
}

/// Which encoded characters may be in a path; what is not named is refused.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Encoded {
    pub allow_encoded_slash: bool,
    pub allow_encoded_percent: bool,
    pub allow_encoded_question_mark: bool,
    pub allow_encoded_hash: bool,
    pub allow_encoded_back_slash: bool,
    pub allow_encoded_null_character: bool,
    pub allow_encoded_semicolon: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transport {
    pub forwarding_timeouts: Timeouts,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_skip_verify: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeouts {
    pub dial_timeout: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_header_timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_conn_timeout: Option<String>,
}

/// Certificates and how TLS is spoken.
#[derive(Serialize)]
pub(super) struct Tls<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Pair<'a>>,
    pub options: BTreeMap<&'a str, TlsOptions>,
}

/// PEM itself, where Traefik also takes the name of a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pair<'a> {
    pub cert_file: &'a str,
    pub key_file: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TlsOptions {
    pub min_version: &'static str,
}

/// A span of time in Go's form.
pub(super) fn go(span: std::time::Duration) -> String {
    format!("{}ms", span.as_millis())
}
