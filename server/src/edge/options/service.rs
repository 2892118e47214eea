//! How the app's servers are chosen and spoken to.

use serde::Serialize;

use crate::{
    domain::route::{Backend, SameSite},
    edge::{
        document::{Timeouts, Transport, go},
        input::{Options, Route, Scheme},
    },
};

/// A cookie by which a visitor stays with one server.
#[derive(Clone, Serialize)]
pub(in crate::edge) struct Sticky {
    cookie: Cookie,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cookie {
    name: String,
    secure: bool,
    http_only: bool,
    same_site: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
    path: &'static str,
}

/// The route's cookie, if visitors are to stay.
pub(in crate::edge) fn sticky(route: &Route) -> Option<Sticky> {
    let asked = route.options.sticky.as_ref()?;
    let cookie = Cookie {
        name: asked.cookie.as_ref().map_or("skep-stays", |name| name.as_str()).to_owned(),
        secure: matches!(route.scheme, Scheme::Https { redirect: true }),
        http_only: true,
        same_site: asked.same_site.unwrap_or(SameSite::Lax).name(),
        max_age: asked.max_age_seconds,
        path: "/",
    };
    Some(Sticky { cookie })
}

/// The cookie by which a visitor stays with one version while two have their shares.
pub(in crate::edge) fn sticky_share(route: &Route) -> Option<Sticky> {
    let mut sticky = sticky(route)?;
    sticky.cookie.name.push_str("-version");
    Some(sticky)
}

/// A transport of the route's own, if the shared one will not do.
pub(in crate::edge) fn transport(route: &Route, shared: &Options) -> Option<Transport> {
    let insecure_skip_verify = route.options.backend == Some(Backend::HttpsUnverified);
    let timeouts = route.options.timeouts;
    if !insecure_skip_verify && timeouts.is_none() {
        return None;
    }
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| format!("{seconds}s"));
    let forwarding_timeouts = Timeouts {
        dial_timeout: go(shared.dial_timeout),
        response_header_timeout: seconds(timeouts.and_then(|timeouts| timeouts.response_seconds)),
        idle_conn_timeout: seconds(timeouts.and_then(|timeouts| timeouts.idle_seconds)),
    };
    Some(Transport { forwarding_timeouts, insecure_skip_verify })
}
