//! Who is at the other end: network address, host asked for, and whether it came over HTTPS.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use subtle::ConstantTimeEq as _;

use super::{State, cookie::Cookie};
use crate::domain::instance::EDGE_PROOF;

/// Who is at the other end, for signing in and out.
pub struct Peer {
    /// Their network address.
    pub address: IpAddr,
    /// The browser's own words about itself.
    pub agent: String,
    /// They speak HTTPS.
    pub https: bool,
    /// The session cookie that they show.
    pub session: Option<String>,
    /// The sign of a known browser that they show.
    pub known: Option<String>,
    /// What they show between the two steps of signing in.
    pub pending: Option<String>,
    /// What they show when they come back from an identity provider.
    pub sign_on: Option<String>,
    /// What they were given with the question to a passkey.
    pub passkey: Option<String>,
}

impl FromRequestParts<State> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let https = is_https(parts, state);
        let cookie = |which: Cookie| which.read(&parts.headers, https).map(str::to_owned);
        Ok(Self {
            address: address(parts, state),
            agent: agent(&parts.headers).to_owned(),
            https,
            session: cookie(Cookie::Session),
            known: cookie(Cookie::Known),
            pending: cookie(Cookie::Pending),
            sign_on: cookie(Cookie::SignOn),
            passkey: cookie(Cookie::Passkey),
        })
    }
}

/// The address of the client. `X-Forwarded-For` counts only as far as our own edge or proxies that
/// we trust wrote it: from the right, the first address that is none of them (case 111).
#[must_use]
pub fn address(parts: &Parts, state: &State) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.ip().to_canonical());
    let trusted = |ip: IpAddr| state.proxies.iter().any(|range| range.contains(ip));
    let lists: Vec<&str> =
        parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut told = lists.iter().flat_map(|list| list.split(',')).rev();
    let mut client = peer;
    let mut believed = by_our_edge(&parts.headers, state);
    while believed || trusted(client) {
        believed = false;
        match told.next().map(|text| text.trim().parse::<IpAddr>()) {
            Some(Ok(before)) => client = before.to_canonical(),
            _ => break,
        }
    }
    client
}

/// Whether the request shows what only our own Traefik knows.
fn by_our_edge(headers: &HeaderMap, state: &State) -> bool {
    match (headers.get(EDGE_PROOF), &state.edge_proof) {
        (Some(shown), Some(proof)) => bool::from(shown.as_bytes().ct_eq(proof.expose().as_bytes())),
        _ => false,
    }
}

/// The host (and port) that was asked for.
#[must_use]
pub fn host(parts: &Parts) -> Option<String> {
    let named = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok()).map(str::to_owned);
    named.or_else(|| parts.uri.authority().map(ToString::to_string)).map(|host| host.to_ascii_lowercase())
}

/// Whether the browser speaks HTTPS with us or with what stands in front of us. A client that
/// lies here only makes its own cookie stricter.
#[must_use]
pub fn is_https(parts: &Parts, state: &State) -> bool {
    if text(&parts.headers, "x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https")) {
        return true;
    }
    state.parts.instance.public_url.as_ref().is_some_and(|url| {
        let own = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return false,
        };
        url.scheme() == "https" && host(parts).is_some_and(|host| host == own)
    })
}

/// What the browser says about itself.
#[must_use]
pub fn agent(headers: &HeaderMap) -> &str {
    text(headers, "user-agent").unwrap_or("")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
