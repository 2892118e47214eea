//! `/edge/page/{domain}/{why}`: what a visitor of an app sees in its place, by way of the edge: while it
//! is in maintenance, while nobody serves it, or instead of an error of its own. No sign-in, any method,
//! no database: what there is to say lies beside the routes that lead here.
//!
//! To add a reason: a line in [`Why::of`].

use std::sync::LazyLock;

use axum::{
    extract::{Path, Query, State as Extract, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Problem, State};
use crate::{
    domain::{id::DomainId, route::Html},
    edge::Pages,
};

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}\
    h1{font-size:1.6rem;margin:0}";

/// For our own page: its style alone, by its hash.
static OURS: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});
/// For a page of a user's: no script, and an origin of its own, so that it is no page of Skep's at whatever
/// host it is asked for.
const THEIRS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; font-src https: data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; sandbox",
);

/// Seconds after which to ask again, unless a user said otherwise.
const SOON: u64 = 10;
const MAINTAINED: u32 = 300;

/// The status that the app answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    status: Option<u16>,
}

/// What to say.
struct Why {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    text: &'static str,
    retry_after: Option<u64>,
    html: Option<Html>,
}

impl Why {
    fn of(why: &str, asked: Option<u16>, pages: Option<Pages>) -> Option<Self> {
        let (maintenance, errors) = pages.map_or((None, None), |pages| (pages.maintenance, pages.errors));
        Some(match why {
            "maintenance" => {
                let seconds = maintenance.as_ref().and_then(|m| m.retry_after_seconds).unwrap_or(MAINTAINED);
                Self {
                    status: StatusCode::SERVICE_UNAVAILABLE,
                    code: "in_maintenance",
                    title: "Back soon",
                    text: "This site is being worked on. Please come back in a little while.",
                    retry_after: Some(u64::from(seconds)),
                    html: maintenance.and_then(|maintenance| maintenance.html),
                }
            }
            "away" => Self {
                status: StatusCode::SERVICE_UNAVAILABLE,
                code: "nobody_serves",
                title: "Not available right now",
                text: "Nothing answers for this site at the moment. Please try again in a little while.",
                retry_after: Some(SOON),
                html: None,
            },
            "error" => {
                let status = asked.and_then(|status| StatusCode::from_u16(status).ok());
                let status = status.filter(|s| s.is_client_error() || s.is_server_error());
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let (code, title, text) = match status {
                    StatusCode::NOT_FOUND => {
                        ("not_found", "Not found", "There is nothing at this address. Check its spelling.")
                    }
                    status if status.is_client_error() => {
                        ("refused", "Not possible", "The site refused this. Go back and try another way.")
                    }
                    _ => (
                        "failed",
                        "Something went wrong",
                        "The site could not answer. Please try again in a little while.",
                    ),
                };
                Self { status, code, title, text, retry_after: None, html: errors.and_then(|e| e.html) }
            }
            _ => return None,
        })
    }
}

/// The page, or a problem document for those who do not ask for pages.
pub async fn page(
    Extract(state): Extract<State>,
    Path((domain, why)): Path<(String, String)>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let id = domain.parse::<DomainId>().ok();
    let pages = id.zip(state.parts.edge.current()).and_then(|(id, now)| now.pages.get(&id).cloned());
    let Some(why) = Why::of(&why, asked.ok().and_then(|Query(asked)| asked.status), pages) else {
        return Problem::not_found("page").into_response();
    };
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !accepts.contains("text/html") && !accepts.contains("text/*") {
        let problem = Problem::new(why.status, why.code, why.text);
        return match why.retry_after {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
        .into_response();
    }
    let (policy, html) = match &why.html {
        Some(html) => (THEIRS, html.as_str().to_owned()),
        None => (OURS.clone(), ours(&why)),
    };
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let policies = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)];
    let mut response = (why.status, policies, html).into_response();
    if let Some(seconds) = why.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A page of our own with these words.
pub(super) fn told(status: StatusCode, title: &'static str, text: &'static str) -> Response {
    let why = Why { status, code: "", title, text, retry_after: None, html: None };
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let policies = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, OURS.clone())];
    (status, policies, ours(&why)).into_response()
}

/// Our own page; its colours are the browser's, light or dark.
fn ours(why: &Why) -> String {
    let Why { title, text, status, .. } = why;
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1><p>{text}</p><p><small>{}</small></p></main></body></html>",
        status.as_u16()
    )
}
