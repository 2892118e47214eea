//! A write must come from our own pages or from no browser at all (case 116).
//!
//! A browser always says where a write comes from: `Origin` must then be ours, and
//! `Sec-Fetch-Site` must not say otherwise. Without `Origin` a session cookie does not count. A
//! bearer token cannot be sent by a foreign page, so it needs neither.

use axum::{
    extract::{Request, State as Extract},
    http::{Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Problem, State, client, cookie::Cookie};

/// Around everything that a browser may reach with a cookie.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(detail) = check(&parts, &state) {
        return Problem::new(StatusCode::FORBIDDEN, "foreign_origin", detail).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

fn check(parts: &Parts, state: &State) -> Result<(), &'static str> {
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let https = client::is_https(parts, state);
    if let Some(site) = parts.headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Err("this request comes from another site");
    }
    match parts.headers.get(header::ORIGIN) {
        Some(origin) => {
            let scheme = if https { "https" } else { "http" };
            let ours = client::host(parts).map(|host| format!("{scheme}://{host}"));
            let told = origin.to_str().ok().map(str::to_ascii_lowercase);
            if ours.is_some() && told == ours { Ok(()) } else { Err("this request comes from another site") }
        }
        None if [Cookie::Session, Cookie::Pending, Cookie::Passkey]
            .iter()
            .any(|c| c.read(&parts.headers, https).is_some()) =>
        {
            Err("a request with a cookie must say where it comes from: send `Origin`, or use an API token")
        }
        None => Ok(()),
    }
}
