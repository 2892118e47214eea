//! What Traefik makes of each option of a domain, and that streams still stream under all of them.
//!
//! To add one: a test in the file of its family, and its line in `streams.rs`.

mod access;
mod answers;
mod limits;
mod pages;
mod paths;
mod redirects;
mod service;
mod streams;

use std::net::SocketAddr;

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use skep::{domain::route::RouteOptions, edge::Route};

use crate::stage::{Stage, route};

/// Options as the API takes them.
fn options(of: Value) -> RouteOptions {
    serde_json::from_value(of).unwrap()
}

/// A route with these options.
fn with(host: &str, servers: &[SocketAddr], of: Value) -> Route {
    Route { options: options(of), ..route(host, "/", servers) }
}

impl Stage {
    /// A GET by plain http, to be made more of.
    fn ask(&self, host: &str, path: &str) -> RequestBuilder {
        self.traefik.client(&[host], None).get(self.traefik.http(host, path))
    }
}

/// A header of an answer; empty if it is not there.
fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
}
