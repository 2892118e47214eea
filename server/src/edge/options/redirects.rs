//! Visitors who are sent on: by path, by pattern, by host.
//!
//! Traefik matches the whole address, and what a pattern leaves of it stays behind the target. So each
//! pattern here is bound to both ends, and a relative target gets the route's own host in front: what a
//! visitor wrote can never become a host.

use serde::Serialize;

use super::Chain;
use crate::edge::{
    document::Middleware,
    input::{Route, Scheme},
};

/// An address by pattern, and where it leads.
#[derive(Serialize)]
pub(in crate::edge) struct RedirectRegex {
    regex: String,
    replacement: String,
    permanent: bool,
}

/// The route's own redirects, in their order.
pub(super) fn redirects(chain: &mut Chain<'_>, route: &Route, https_port: Option<u16>) {
    let here = origin(route, https_port);
    for (n, redirect) in route.options.redirects.iter().flat_map(|all| all.iter()).enumerate() {
        let to = redirect.to.as_str();
        let to = if to.starts_with('/') { format!("{here}{to}") } else { to.to_owned() };
        let made = RedirectRegex {
            regex: format!("^https?://[^/?#]+(?:{})$", redirect.pattern()),
            replacement: braced(&to),
            permanent: redirect.permanent,
        };
        chain.add(&format!("redirect-{n}"), Middleware::RedirectRegex(made));
    }
}

/// The other host's visitors come to the route's, at the same path.
pub(in crate::edge) fn other_host(route: &Route, https_port: Option<u16>) -> Middleware {
    Middleware::RedirectRegex(RedirectRegex {
        regex: "^https?://[^/?#]+(/.*)?$".to_owned(),
        replacement: format!("{}${{1}}", origin(route, https_port)),
        permanent: true,
    })
}

/// Scheme and host of a route, as visitors write them.
fn origin(route: &Route, https_port: Option<u16>) -> String {
    match (route.scheme, https_port) {
        (Scheme::Http, _) => format!("http://{}", route.host),
        (Scheme::Https { .. }, None) => format!("https://{}", route.host),
        (Scheme::Https { .. }, Some(port)) => format!("https://{}:{port}", route.host),
    }
}

/// `$1x` would be the group of that name; `${1}x` is the first one.
fn braced(text: &str) -> String {
    let mut parts = text.split('$');
    let mut to = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digit, rest) = part.split_at(part.len().min(1));
        to.push_str(&format!("${{{digit}}}{rest}"));
    }
    to
}
