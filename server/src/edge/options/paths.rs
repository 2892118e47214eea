//! What the app gets to see: the path, and headers of its owner.

use super::{Chain, answers::owned};
use crate::{
    domain::route::RouteOptions,
    edge::{document::Middleware, input::Route},
};

/// Headers that the app gets.
pub(super) fn ask(chain: &mut Chain<'_>, options: &RouteOptions) {
    if let Some(headers) = &options.request_headers {
        chain.add("ask", Middleware::Ask { custom_request_headers: owned(headers.iter()) });
    }
}

/// The route's own path is taken off, then another put in front.
pub(super) fn paths(chain: &mut Chain<'_>, route: &Route) {
    if route.strip && route.path.as_str() != "/" {
        chain.add("strip", Middleware::StripPrefix { prefixes: [route.path.as_str().to_owned()] });
    }
    if let Some(prefix) = route.options.add_prefix.as_ref().filter(|prefix| prefix.as_str() != "/") {
        chain.add("prefix", Middleware::AddPrefix { prefix: prefix.as_str().to_owned() });
    }
}
