//! The webhook cases of the bad-input catalogue that need no database.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration};
use serde_json::{Value, json};

use super::*;
use crate::domain::{delivery::Provider, push::Target};

mod meaning;
mod signatures;

const SECRET: &str = "s3cret-of-this-hook";
const OLD: &str = "4d5ae0f1d8c3b2a19876543210fedcba98765432";
const NEW: &str = "0f1d8c3b2a19876543210fedcba987654324d5ae";
const ZERO: &str = "0000000000000000000000000000000000000000";

fn now() -> Time {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn secret() -> Secret {
    Secret::new(SECRET)
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    map
}

fn hex_of(key: &str, body: &[u8]) -> String {
    hex::encode(signature::hmac(key.as_bytes(), &[body]))
}

/// The signature headers that a provider sends.
fn signed(provider: Provider, key: &str, body: &[u8]) -> HeaderMap {
    let hex = hex_of(key, body);
    match provider {
        Provider::Github => headers(&[("x-hub-signature-256", &format!("sha256={hex}"))]),
        Provider::Gitlab => headers(&[("x-gitlab-token", key)]),
        Provider::Gitea => headers(&[("x-gitea-signature", &hex)]),
        Provider::Bitbucket => headers(&[("x-hub-signature", &format!("sha256={hex}"))]),
        Provider::Generic => headers(&[("x-skep-signature-256", &format!("sha256={hex}"))]),
        Provider::Registry => headers(&[("authorization", &format!("Bearer {key}"))]),
    }
}

/// Headers of the Standard Webhooks form.
fn standard_headers(key: &[u8], body: &[u8], seconds: i64) -> HeaderMap {
    let stamp = seconds.to_string();
    let mac = signature::hmac(key, &[b"msg_1.", stamp.as_bytes(), b".", body]);
    headers(&[
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &stamp),
        ("webhook-signature", &format!("v1,{}", STANDARD.encode(mac))),
    ])
}

fn check(provider: Provider, headers: &HeaderMap, body: &[u8]) -> Result<(), (u16, &'static str)> {
    verify(provider, headers, body, Secrets::only(&secret()), now()).map_err(|r| (r.status, r.code))
}

fn event_headers(provider: Provider, event: &str) -> HeaderMap {
    let name = match provider {
        Provider::Github | Provider::Registry => "x-github-event",
        Provider::Gitlab => "x-gitlab-event",
        Provider::Gitea => "x-gitea-event",
        Provider::Bitbucket => "x-event-key",
        Provider::Generic => "x-skep-event",
    };
    headers(&[(name, event), ("content-type", "application/json; charset=utf-8")])
}

fn read(provider: Provider, event: &str, payload: &Value) -> Result<Vec<Event>, Rejection> {
    parse(provider, &event_headers(provider, event), payload.to_string().as_bytes())
}

fn github_push() -> Value {
    json!({
        "ref": "refs/heads/main", "before": OLD, "after": NEW,
        "created": false, "deleted": false, "forced": false,
        "repository": {
            "full_name": "team/app", "clone_url": "https://github.com/team/app.git",
            "ssh_url": "git@github.com:team/app.git", "html_url": "https://github.com/team/app"
        },
        "commits": [
            {"id": OLD, "message": "One", "added": ["a.txt"], "removed": [], "modified": ["b.txt"]},
            {"id": NEW, "message": "Two", "added": [], "removed": ["c.txt"], "modified": ["b.txt"]}
        ],
        "head_commit": {"id": NEW, "message": "Two\n\nmore", "author": {"name": "Ada", "email": "a@b.c"}}
    })
}

fn one_push(events: Result<Vec<Event>, Rejection>) -> crate::domain::push::Push {
    match events.unwrap().as_slice() {
        [Event::Push(push)] => push.clone(),
        other => panic!("not one push: {other:?}"),
    }
}
