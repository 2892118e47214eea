//! The outermost layer: gives each request an id, writes problems out, logs and counts.

use axum::{
    Json,
    extract::{Request, State as Extract},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Problem, State, problem::ProblemDetails};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for its log lines and its answer.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Around every request.
pub async fn layer(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    let began = tokio::time::Instant::now();
    // Ours alone: an id from outside could be anything.
    let id = state.parts.clock.uuid().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |route| route.as_str().to_owned());
    let mut response = next.run(request).await;
    if let Some(problem) = problem_of(&mut response) {
        if let Some(cause) = &problem.cause {
            tracing::error!(request.id = %id, %method, path, cause, "{method} {path} failed on our side");
        }
        response = write_out(problem, &id, response);
    }
    let status = response.status().as_u16();
    let took = began.elapsed();
    state.metrics.request(&method, &route, status, took);
    tracing::debug!(request.id = %id, %method, path, status, duration.ms = took.as_millis(), "{method} {path} answered {status}");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// What went wrong, if something did: said by a handler, or by a bare status.
fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    // A page that tells of its own trouble, and plain text of the health checks, stay as they are.
    let ours = response.extensions().get::<AsItIs>().is_some();
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    (!ours && !html).then(|| Problem::of_status(status))
}

/// Marks an answer that is no problem document although its status says so.
#[derive(Debug, Clone, Copy)]
pub struct AsItIs;

fn write_out(problem: Problem, id: &str, was: Response) -> Response {
    let status = problem.status;
    let details = ProblemDetails {
        r#type: format!("urn:skep:problem:{}", problem.code),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: problem.detail,
        code: problem.code,
        errors: problem.errors,
        request_id: id.to_owned(),
    };
    let mut response = (status, Json(details)).into_response();
    // What the route said beside it: Allow, Set-Cookie.
    for (name, value) in was.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, value.clone());
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"skep\""));
    }
    response
}
