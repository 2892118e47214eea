//! What answers have: headers, CORS, HSTS, compression.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Chain;
use crate::{domain::route::RouteOptions, edge::document::Middleware};

/// Traefik's `headers`, as far as it is about answers.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(in crate::edge) struct Answer {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_response_headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_origin_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_expose_headers: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    access_control_allow_credentials: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_control_max_age: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    add_vary_header: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sts_seconds: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sts_include_subdomains: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sts_preload: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    content_type_nosniff: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_frame_options_value: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer_policy: Option<&'static str>,
}

/// All headers of answers in one: they are on what the edge refuses by itself, too.
pub(super) fn headers(chain: &mut Chain<'_>, options: &RouteOptions) {
    let mut answer = Answer::default();
    if let Some(headers) = &options.response_headers {
        answer.custom_response_headers = owned(headers.iter());
    }
    if let Some(cors) = &options.cors {
        let texts = |names: &[crate::domain::route::HeaderName]| {
            names.iter().map(|name| name.as_str().to_owned()).collect()
        };
        answer.access_control_allow_origin_list =
            cors.origins.iter().map(|origin| origin.as_str().to_owned()).collect();
        answer.access_control_allow_methods = cors.methods.clone();
        answer.access_control_allow_headers = texts(&cors.headers);
        answer.access_control_expose_headers = texts(&cors.expose);
        answer.access_control_allow_credentials = cors.credentials;
        answer.access_control_max_age = cors.max_age_seconds;
        answer.add_vary_header = true;
    }
    if let Some(hsts) = options.hsts {
        answer.sts_seconds = Some(hsts.seconds);
        answer.sts_include_subdomains = hsts.subdomains;
        answer.sts_preload = hsts.preload;
    }
    if options.security_headers == Some(true) {
        answer.content_type_nosniff = true;
        answer.custom_frame_options_value = Some("SAMEORIGIN");
        answer.referrer_policy = Some("strict-origin-when-cross-origin");
    }
    let any = options.response_headers.is_some() || options.cors.is_some() || options.hsts.is_some();
    if any || options.security_headers == Some(true) {
        chain.add("answer", Middleware::Answer(answer));
    }
}

/// Smaller answers; streams are not held back for it.
pub(super) fn compress(chain: &mut Chain<'_>, options: &RouteOptions) {
    if options.compress == Some(true) {
        let excluded_content_types = vec!["text/event-stream", "application/grpc"];
        chain.add("compress", Middleware::Compress { excluded_content_types });
    }
}

/// Names and values to keep.
pub(super) fn owned<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
