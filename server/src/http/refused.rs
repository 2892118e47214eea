//! Notes what is refused to people: a request that was not allowed, was for something that is not
//! there or another team's, or came too often; and logins that failed. Not for webhooks, which have
//! their delivery log.
//!
//! The answer does not wait: `refusals.rs` finds out who asked, and writes it down.

use axum::{
    extract::{MatchedPath, Request, State as Extract},
    http::{
        HeaderMap, Method, StatusCode,
        header::{AUTHORIZATION, COOKIE, HOST},
        request::Parts,
    },
    middleware::Next,
    response::Response,
};

use super::{Problem, State, answer::RequestId, client, refusals::Refusal};
use crate::domain::audit::Action;

/// A longer header is not one that we gave somebody.
const LONGEST: usize = 4 << 10;
/// By these it is known who asked.
const PROOF: [axum::http::HeaderName; 3] = [AUTHORIZATION, COOKIE, HOST];

/// Around what people may reach.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let response = next.run(request).await;
    let status = response.status();
    if noted(&asked.method, status) {
        let problem = response.extensions().get::<Problem>();
        let code = problem.map_or_else(|| plain(status).to_owned(), |problem| problem.code.clone());
        state.refusals.take(&state, asked.refused(&state, code));
    }
    response
}

/// Whether an answer with this status is worth an entry.
fn noted(method: &Method, status: StatusCode) -> bool {
    let writes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::NOT_FOUND => writes,
        _ => false,
    }
}

/// A code for a page, which has none.
const fn plain(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthenticated",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::TOO_MANY_REQUESTS => "busy",
        _ => "not_found",
    }
}

/// What is kept of a request until it is answered.
struct Asked {
    method: Method,
    parts: Parts,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.uri = request.uri().clone();
        parts.extensions = request.extensions().clone();
        parts.headers = request.headers().clone();
        Self { method: request.method().clone(), parts }
    }

    /// What somebody does here who need not be known, if so.
    fn opens(&self) -> Option<Action> {
        match self.parts.uri.path() {
            "/login/callback" if self.method == Method::GET => Some(Action::SessionBegin),
            _ if self.method != Method::POST => None,
            "/api/v1/login" | "/api/v1/login/passkey" | "/actions/login" => Some(Action::SessionBegin),
            "/api/v1/setup" | "/actions/setup" => Some(Action::PersonCreate),
            _ => None,
        }
    }

    fn refused(mut self, state: &State, code: String) -> Refusal {
        let pattern = self.parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let request = self.parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        let open = self.opens();
        let address = client::address(&self.parts, state);
        let mut proof = HeaderMap::new();
        for name in PROOF.iter().chain([&axum::http::HeaderName::from_static("x-forwarded-proto")]) {
            if let Some(value) = self.parts.headers.get(name).filter(|value| value.len() <= LONGEST) {
                proof.insert(name, value.clone());
            }
        }
        self.parts.headers = proof;
        self.parts.extensions.clear();
        Refusal {
            at: state.parts.clock.now(),
            method: self.method,
            route: pattern.unwrap_or_else(|| self.parts.uri.path().to_owned()),
            open,
            code,
            request: request.unwrap_or_default(),
            address,
            proof: self.parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted() {
        let (get, post) = (Method::GET, Method::POST);
        for (status, reading, writing) in [
            (401, true, true),
            (403, true, true),
            (404, false, true),
            (429, true, true),
            (422, false, false),
            (409, false, false),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!((noted(&get, status), noted(&post, status)), (reading, writing), "{status}");
        }
    }
}
