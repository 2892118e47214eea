//! A domain's options in Traefik's words: one file for each family, each with the part of Traefik's
//! configuration that it writes. Names begin with the domain's own, so that no app's settings can be
//! another's.
//!
//! To add one: a function in a file here that calls [`Chain::add`], and its place in [`chain`]: what is
//! refused without the app comes first, what the app gets comes last.

mod access;
mod answers;
mod errors;
mod limits;
mod paths;
mod redirects;
mod service;

pub(super) use access::{BasicAuth, ForwardAuth};
pub(super) use answers::Answer;
pub(super) use errors::Errors;
pub(super) use limits::RateLimit;
pub(super) use redirects::{RedirectRegex, other_host};
pub(super) use service::{Sticky, sticky, sticky_share, transport};

use super::{
    document::Middleware,
    input::{Options, Route},
};

/// The middlewares of a route, in the order in which a request goes through them.
pub(super) struct Chain<'a> {
    /// The route's name: all others begin with it.
    pub name: &'a str,
    /// By name.
    pub made: Vec<(String, Middleware)>,
}

impl Chain<'_> {
    /// Adds one called by the route and `part`.
    fn add(&mut self, part: &str, middleware: Middleware) {
        self.made.push((format!("{}-{part}", self.name), middleware));
    }
}

/// What a route's options put in a request's way. `skep`: the service that has Skep's own pages, if there
/// is one; `at`: Skep's address.
pub(super) fn chain<'a>(
    name: &'a str,
    route: &Route,
    shared: &Options,
    skep: Option<&str>,
    at: Option<&str>,
) -> Chain<'a> {
    let mut chain = Chain { name, made: Vec::new() };
    // First what each answer has, whoever gives it; and the questions that browsers ask beforehand, which
    // bring no login.
    answers::headers(&mut chain, &route.options);
    access::ranges(&mut chain, &route.options);
    limits::rate(&mut chain, &route.options);
    limits::in_flight(&mut chain, &route.options);
    access::logins(&mut chain, &route.logins);
    access::sign_in(&mut chain, route, at);
    redirects::redirects(&mut chain, route, shared.https_port);
    answers::compress(&mut chain, &route.options);
    errors::pages(&mut chain, route, skep);
    paths::ask(&mut chain, &route.options);
    paths::paths(&mut chain, route);
    chain
}
