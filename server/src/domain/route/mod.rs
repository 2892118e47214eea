//! What a domain can have beside its host, path and port: each a checked type, none a free text, so
//! that whatever is stored can be told to the edge.
//!
//! To add one: a line in `options!`, its type in a file here, its form in Traefik's words in
//! `edge/options/`, its fields on the page (`web/src/pages/apps/domain/fields.rs`), its flag in
//! `cli/client/domains/set.rs`, and a test against the real Traefik in `tests/tests/edge/options/`.

mod change;
mod cors;
mod headers;
mod hsts;
mod limits;
mod login;
mod pages;
mod ranges;
mod redirects;
mod service;
mod sign_in;

use serde::{Deserialize, Deserializer, Serialize};

pub use change::DomainChange;
pub use cors::{Cors, Origin};
pub use headers::{HeaderName, HeaderValue, Headers};
pub use hsts::Hsts;
pub use limits::{BodyBytes, InFlight, Rate, Timeouts};
pub use login::{Login, LoginGiven, LoginName, LoginPassword, Logins};
pub use pages::{ErrorPages, Html, Maintenance, Statuses};
pub use ranges::Ranges;
pub use redirects::{Redirect, Redirects, Replacement};
pub use service::{Backend, Priority, SameSite, Sticky};
pub use sign_in::SignIn;

use super::{domain_name::PathPrefix, fault::Fault, fault::Wrong};

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $type:ident,)*) => {
        /// What a domain has beside its place. Absent: Traefik's and Skep's own way.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct RouteOptions {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)*
        }

        /// What is to be other than before: what is absent stays, `null` takes away.
        #[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct OptionsChange {
            $(
                $(#[$doc])*
                #[serde(deserialize_with = "there")]
                #[schema(value_type = Option<$type>)]
                pub $name: Option<Option<$type>>,
            )*
        }

        impl OptionsChange {
            /// The options as they are with this change.
            #[must_use]
            pub fn onto(self, before: RouteOptions) -> RouteOptions {
                RouteOptions { $($name: self.$name.unwrap_or(before.$name),)* }
            }
        }
    };
}

options! {
    /// Put in front of the path before the app sees the request, after a prefix was taken off.
    add_prefix: PathPrefix,
    /// Among the app's own routes of one host, the higher one is asked first, whatever the length of its path.
    priority: Priority,
    /// How the app is spoken to.
    backend: Backend,
    /// Let `%2F` in paths through to the app. Else such a request is refused (400), because proxy and app
    /// may read it as different paths.
    encoded_slash: bool,
    /// Addresses that visitors are sent on from, in their order; the first that fits counts.
    redirects: Redirects,
    /// Only visitors from these addresses; all others get 403.
    allow: Ranges,
    /// Visitors sign in with Skep first; only with HTTPS.
    sign_in: SignIn,
    /// Requests of one client over time; more get 429.
    rate: Rate,
    /// Requests of one client at once; more get 429.
    in_flight: InFlight,
    /// The longest body of a request in bytes; a longer one gets 413. To measure it, the edge takes the
    /// whole body in before the app sees it, and the whole answer before the visitor does: all requests
    /// but GET, HEAD and OPTIONS are so, whose answers (server-sent events, downloads, WebSockets) still
    /// stream. Not together with h2c.
    body_bytes: BodyBytes,
    /// How long the app may take.
    timeouts: Timeouts,
    /// Compress answers, as the visitor's browser takes them; event streams and gRPC stay as they are.
    compress: bool,
    /// `X-Content-Type-Options`, `X-Frame-Options: SAMEORIGIN` and a `Referrer-Policy` on each answer.
    security_headers: bool,
    /// Browsers come by HTTPS alone from now on; only with HTTPS.
    hsts: Hsts,
    /// Headers that the app gets with each request; one of the visitor's by that name is replaced.
    request_headers: Headers,
    /// Headers of each answer; one of the app's by that name is replaced, an empty one takes it away.
    response_headers: Headers,
    /// Which pages elsewhere may read answers; the edge answers what browsers ask beforehand.
    cors: Cors,
    /// A visitor stays with one task, by a cookie.
    sticky: Sticky,
    /// Visitors get 503 and a page instead of the app.
    maintenance: Maintenance,
    /// A page in place of the app's own errors.
    errors: ErrorPages,
}

impl RouteOptions {
    /// Rules between one option and another; `https`: the domain is served by HTTPS.
    ///
    /// # Errors
    /// All faults, each with its field below `options`.
    pub fn check(&self, https: bool) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.body_bytes.is_some() && self.backend == Some(Backend::H2c) {
            let rule = "cannot be measured with `h2c`: a stream would be held back; take one of the two away";
            faults.push(Wrong::new(rule).at("options.body_bytes"));
        }
        if self.hsts.is_some() && !https {
            let rule =
                "tells browsers to come by HTTPS, which this domain is not served by: switch `https` on, too";
            faults.push(Wrong::new(rule).at("options.hsts"));
        }
        if self.sticky.as_ref().is_some_and(|sticky| !https && sticky.same_site == Some(SameSite::None)) {
            let rule = "must be `lax` or `strict` without HTTPS: browsers drop such a cookie else";
            faults.push(Wrong::new(rule).at("options.sticky.same_site"));
        }
        if self.sign_in.is_some() && !https {
            let rule = "needs a cookie that goes over HTTPS alone: switch `https` on, too";
            faults.push(Wrong::new(rule).at("options.sign_in"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Whether the domain is away for its visitors.
    #[must_use]
    pub fn in_maintenance(&self) -> bool {
        self.maintenance.as_ref().is_some_and(|maintenance| maintenance.on)
    }
}

/// A field that was given, if only as `null`.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Reads a text, and checks it by `parse`.
fn text<'de, T, D: Deserializer<'de>>(
    from: D,
    parse: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Result<T, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
    parse(&text).map_err(|wrong| wrong.for_serde())
}

/// Reads a whole number from `least` to `most`, said by `rule`.
fn number<'de, D: Deserializer<'de>>(from: D, least: u64, most: u64, rule: &str) -> Result<u64, D::Error> {
    let number = u64::deserialize(from)?;
    if (least..=most).contains(&number) { Ok(number) } else { Err(Wrong::new(rule).for_serde()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> Result<OptionsChange, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_absent_stays_and_null_takes_away() {
        let before = change(r#"{"compress":true,"priority":7}"#).unwrap().onto(RouteOptions::default());
        assert_eq!((before.compress, before.priority.map(Priority::get)), (Some(true), Some(7)));
        let after = change(r#"{"priority":null,"encoded_slash":true}"#).unwrap().onto(before);
        assert_eq!((after.compress, after.priority, after.encoded_slash), (Some(true), None, Some(true)));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let all = r#"{"add_prefix":"/v1","priority":3,"backend":"h2c","encoded_slash":true,
            "redirects":[{"from":"/old/(.*)","regex":true,"to":"/new/$1","permanent":true}],
            "allow":["10.0.0.0/8","2001:db8::/32"],"rate":{"average":10,"seconds":60,"burst":20},
            "in_flight":5,"timeouts":{"response_seconds":10,"idle_seconds":60},"compress":true,
            "security_headers":true,"hsts":{"seconds":63072000,"subdomains":true,"preload":true},
            "request_headers":{"X-Tenant":"a"},"response_headers":{"Server":""},
            "cors":{"origins":["https://a.example.org"],"methods":["GET"],"headers":["x-a"],"credentials":true},
            "sticky":{"cookie":"shop","same_site":"lax"},
            "maintenance":{"on":true,"retry_after_seconds":60,"allow":["192.0.2.1"],"html":"<h1>Soon</h1>"},
            "errors":{"statuses":["500-599","404"],"path":"/oops"}}"#;
        let options = change(all).unwrap().onto(RouteOptions::default());
        options.check(true).unwrap();
        let stored = serde_json::to_string(&options).unwrap();
        assert_eq!(serde_json::from_str::<RouteOptions>(&stored).unwrap(), options);
        assert_eq!(serde_json::to_string(&RouteOptions::default()).unwrap(), "{}");
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (options, https, field) in [
            (r#"{"body_bytes":1000,"backend":"h2c"}"#, true, "options.body_bytes"),
            (r#"{"hsts":{}}"#, false, "options.hsts"),
            (r#"{"sticky":{"same_site":"none"}}"#, false, "options.sticky.same_site"),
        ] {
            let options = change(options).unwrap().onto(RouteOptions::default());
            let faults = options.check(https).unwrap_err();
            assert_eq!(faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), [field]);
        }
    }
}
