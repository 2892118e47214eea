//! Visitors of an app sign in with Skep (`options.sign_in` of a domain): Traefik asks here with each request.
//!
//! 1. `/edge/gate/{domain}`: Traefik asks. Without a pass a page's visitor is sent to Skep's own host, with a
//!    word (`state`) that the app's host keeps in a cookie, too; what is no page gets 401.
//! 2. `/gate/{domain}` on Skep's host: who is signed in there and may visit is sent back with a code, for a
//!    minute and this host alone.
//! 3. `/.well-known/skep/gate` on the app's host: code and word become the pass, a cookie of that host. Nobody
//!    can be signed in as somebody else by a link: the word is the browser's own.
//!
//! A pass names a session; whether that still counts is asked each time (`control/gate.rs`). Without Skep
//! nobody gets in.

use axum::{
    extract::{FromRequestParts, Path, Query, Request, State as Extract, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chrono::Duration;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use subtle::ConstantTimeEq as _;

use super::{Problem, State, auth::SignedInCaller, away, client, cookie::Cookie};
use crate::{
    control::{
        gate::{self, Visit},
        identity::Means,
        settings::public_url,
    },
    domain::{
        clock::Time,
        host_pattern::HostPattern,
        id::{DomainId, SessionId},
        secret::Secret,
    },
    edge::GATE_PATH,
};

/// The place for which codes and passes are sealed.
const PLACE: &str = "gate";
/// Within this a browser is back with its code.
const CODE: Duration = Duration::minutes(1);
/// After this the pass is asked for anew, unseen by whoever is still signed in.
const PASS: Duration = Duration::hours(12);
/// By this the app is told who visits.
const USER: &str = "x-skep-user";

/// What a code and a pass say: one is never taken for the other.
#[derive(Serialize, Deserialize)]
struct Sealed {
    kind: Kind,
    session: SessionId,
    domain: DomainId,
    host: String,
    /// The browser's word; empty in a pass.
    state: String,
    until: Time,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Code,
    Pass,
}

impl Sealed {
    fn text(&self, state: &State) -> Result<Secret, Problem> {
        let plain = serde_json::to_vec(self).map_err(crate::control::Error::internal)?;
        Ok(Secret::new(BASE64.encode(state.parts.seal.seal(&*state.parts.clock, PLACE, &plain))))
    }

    /// What was sealed, if it is of this kind, for this host, and not over.
    fn read(state: &State, text: &str, kind: Kind, host: &str) -> Option<Self> {
        let plain = state.parts.seal.open(PLACE, &BASE64.decode(text).ok()?).ok()?;
        let read: Self = serde_json::from_slice(&plain).ok()?;
        let fits = read.kind == kind && read.host == host && read.until > state.parts.clock.now();
        fits.then_some(read)
    }
}

/// Traefik asks whether a request may go on; it tells of it in headers.
pub async fn check(
    Extract(state): Extract<State>,
    Path(domain): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: DomainId = domain.parse().map_err(|_| Problem::not_found("domain"))?;
    let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = name_of(told("x-forwarded-host"));
    let pass = Cookie::Gate.read(&headers, true);
    let pass = pass.and_then(|pass| Sealed::read(&state, pass, Kind::Pass, &host));
    if let Some(pass) = pass.filter(|pass| pass.domain == id) {
        match gate::visit(&state.parts, pass.session, id).await? {
            Visit::Welcome(email) => {
                let email = HeaderValue::from_str(email.as_str()).map_err(crate::control::Error::internal)?;
                return Ok((StatusCode::OK, [(USER, email)]).into_response());
            }
            Visit::Refused => return Ok(refused()),
            Visit::Unknown => {}
        }
    }
    let page = told("accept").contains("text/html") && ["GET", "HEAD"].contains(&told("x-forwarded-method"));
    if !page {
        let detail = "sign in with Skep: open the site in a browser, then ask again with its cookies";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "sign_in", detail));
    }
    let Some(mut to) = public_url(&state.parts).await? else {
        let detail = "nobody can sign in: Skep's dashboard has no domain of its own yet";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_public_url", detail));
    };
    let word = Secret::new(state.parts.clock.token());
    to.set_path(&format!("/gate/{id}"));
    to.query_pairs_mut()
        .append_pair("host", &host)
        .append_pair("to", safe(told("x-forwarded-uri")))
        .append_pair("state", word.expose());
    Ok(see_other(to.as_str(), &[Cookie::GateState.set(&word, true)]))
}

/// What the browser was sent to Skep's host with.
#[derive(Deserialize)]
pub struct Asked {
    host: String,
    #[serde(default)]
    to: String,
    state: String,
}

/// On Skep's own host: whoever is signed in goes back with a code.
pub async fn enter(
    Extract(state): Extract<State>,
    Path(domain): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let id: DomainId = domain.parse().map_err(|_| Problem::not_found("domain"))?;
    let asked: Asked = query(&mut parts, &state).await?;
    let caller =
        <Option<SignedInCaller> as FromRequestParts<State>>::from_request_parts(&mut parts, &state).await?;
    let Some(Means::Session(session)) = caller.map(|known| known.caller.means) else {
        let back = parts.uri.path_and_query().map_or("/", |there| there.as_str());
        let next: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        return Ok(see_other(&format!("/login?next={next}"), &[]));
    };
    let found = gate::domain(&state.parts, id).await?;
    let host = name_of(&asked.host);
    // Nobody is sent with a code to a host that is not the domain's.
    if !HostPattern::any(&host).is_ok_and(|name| !name.is_wildcard() && found.host.covers(&name)) {
        return Err(Problem::not_found("domain"));
    }
    match gate::visit(&state.parts, session, id).await? {
        Visit::Welcome(_) => {}
        Visit::Refused => return Ok(refused()),
        Visit::Unknown => return Err(Problem::not_found("domain")),
    }
    let code = Sealed {
        kind: Kind::Code,
        session,
        domain: id,
        host: host.clone(),
        state: asked.state,
        until: state.parts.clock.now() + CODE,
    };
    let port = state.parts.instance.https_port.map(|port| format!(":{port}")).unwrap_or_default();
    let mut to = url::Url::parse(&format!("https://{host}{port}{GATE_PATH}"))
        .map_err(crate::control::Error::internal)?;
    let code = code.text(&state)?;
    to.query_pairs_mut().append_pair("code", code.expose()).append_pair("to", safe(&asked.to));
    Ok(see_other(to.as_str(), &[]))
}

/// What the browser comes back with.
#[derive(Deserialize)]
pub struct Back {
    code: String,
    #[serde(default)]
    to: String,
}

/// On the app's host: the code becomes a pass.
pub async fn pass(Extract(state): Extract<State>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let back: Back = query(&mut parts, &state).await?;
    let host = name_of(&client::host(&parts).unwrap_or_default());
    let word = Cookie::GateState.read(&parts.headers, true).unwrap_or_default();
    let code = Sealed::read(&state, &back.code, Kind::Code, &host);
    let code =
        code.filter(|code| !word.is_empty() && bool::from(code.state.as_bytes().ct_eq(word.as_bytes())));
    let Some(code) = code else {
        let text =
            "The way back from signing in took too long, or began in another browser. Open the site again.";
        return Ok(away::told(StatusCode::BAD_REQUEST, "Not signed in", text));
    };
    let until = state.parts.clock.now() + PASS;
    let pass = Sealed { kind: Kind::Pass, state: String::new(), until, ..code }.text(&state)?;
    Ok(see_other(safe(&back.to), &[Cookie::Gate.set(&pass, true), Cookie::GateState.clear(true)]))
}

async fn query<T: DeserializeOwned + Send>(parts: &mut Parts, state: &State) -> Result<T, Problem> {
    let read: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
    let wrong = |_| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "open the site again, from its first page")
    };
    read.map(|Query(read)| read).map_err(wrong)
}

/// The host without its port.
fn name_of(host: &str) -> String {
    host.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// A path of the same host, or its first page: `//other.example` and `/\other.example` lead elsewhere.
fn safe(to: &str) -> &str {
    let elsewhere = to.starts_with("//") || to.contains('\\') || to.chars().any(char::is_control);
    if to.starts_with('/') && !elsewhere { to } else { "/" }
}

fn refused() -> Response {
    let text = "You are signed in with Skep, and may not visit this site. Ask its owner for a role.";
    away::told(StatusCode::FORBIDDEN, "Not for you", text)
}

fn see_other(to: &str, cookies: &[String]) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    let never = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to), never]).into_response();
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for good in ["/", "/a/b?c=d&e=//x", "/a%0d"] {
            assert_eq!(safe(good), good);
        }
        for bad in
            ["", "a", "//evil.example", "/\\evil.example", "https://evil.example", "/\tevil", "/a\r\nb"]
        {
            assert_eq!(safe(bad), "/", "{bad:?}");
        }
        assert_eq!(name_of("Shop.Example.org:8443"), "shop.example.org");
    }
}
