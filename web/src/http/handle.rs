//! The entry point: one request in, one response out.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    Cx, Entered, Form, Visit, cookie,
    respond::{html, see_other, with_cookie},
    safe_path::safe_path,
};
use crate::{
    actions::{self, Reply},
    api::{Api, Error, Fault, Went},
    assets,
    pages::{self, Page},
};

/// Forms are small, but Compose files and config files are entered in them.
const FORM_BYTES: usize = 4 * 1024 * 1024;

/// Answers a request for an asset (`/pkg/…`), a form (`POST /actions/…`) or a page (all else).
///
/// `api` is bound to the actor of the request, or to nobody. Requests with unsafe methods must have
/// had their origin checked already. Pages that need a signed-in person lead to the login page.
pub async fn handle(request: Request, api: Arc<dyn Api>, visit: Visit) -> Response {
    let path = request.uri().path().to_owned();
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if let (true, Some(name)) = (reading, path.strip_prefix("/pkg/")) {
        return assets::serve(name);
    }
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    let theme = cookie::theme(request.headers());
    let mut cx = Cx { api: &*api, visit: &visit, viewer: None, path, query, theme, entered: None };
    cx.viewer = match api.viewer().await {
        Ok(viewer) => viewer,
        Err(Error::Unauthenticated) => None,
        Err(error) => return draw(&cx, pages::error(&cx, &error)),
    };
    if request.method() == Method::GET
        && let Some(went) = actions::sso::follow(&cx, foreign(request.headers())).await
    {
        return followed(&cx, went);
    }
    match (reading, request.method() == Method::POST && cx.path.starts_with("/actions/")) {
        (true, _) => read(&cx).await,
        (_, true) => write(&mut cx, request).await,
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Whether another site's page led here.
fn foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    matches!(site, Some("cross-site" | "same-site"))
}

/// To a provider, on from it, or why not.
fn followed(cx: &Cx<'_>, went: Result<Went, Error>) -> Response {
    match went {
        Ok(Went::On { to, cookies }) => {
            cookies.0.iter().fold(see_other(&to), |response, cookie| with_cookie(response, cookie.expose()))
        }
        Ok(Went::Refused(why)) => draw(cx, pages::not_signed_in(cx, why)),
        Err(error) => draw(cx, pages::error(cx, &error)),
    }
}

/// Whether a path is the login page of a team, which somebody who is signed in may need, too.
fn of_team(path: &str) -> bool {
    path.strip_prefix("/login/").is_some_and(|team| team != "second" && !team.contains('/'))
}

/// A page, or where to sign in first.
async fn read(cx: &Cx<'_>) -> Response {
    let gate = matches!(cx.path.as_str(), "/login" | "/login/second" | "/setup");
    if cx.viewer.is_some() {
        if cx.path.starts_with("/actions/") {
            return see_other(&actions::home(cx));
        }
        return if gate { see_other("/") } else { draw(cx, page(cx).await) };
    }
    match cx.api.needs_setup().await {
        Err(error) => draw(cx, pages::error(cx, &error)),
        Ok(true) if cx.path == "/setup" => draw(cx, page(cx).await),
        Ok(true) => see_other("/setup"),
        Ok(false)
            if matches!(cx.path.as_str(), "/login" | "/login/second" | "/join") || of_team(&cx.path) =>
        {
            draw(cx, page(cx).await)
        }
        Ok(false) => to_login(&cx.path),
    }
}

/// The page at the request's path; an error page where there is none.
async fn page(cx: &Cx<'_>) -> Page {
    match pages::at(cx, &cx.path).await {
        Ok(page) => page,
        Err(error) => pages::error(cx, &error),
    }
}

/// A form: done and away, or its page again with what is wrong.
async fn write(cx: &mut Cx<'_>, request: Request) -> Response {
    let action = cx.path.clone();
    let open = matches!(
        action.as_str(),
        "/actions/login" | "/actions/login/second" | "/actions/setup" | "/actions/join" | "/actions/theme"
    );
    if cx.viewer.is_none() && !open {
        return to_login(&actions::home(cx));
    }
    if actions::streams(&action) {
        let outcome = actions::upload(cx, request).await;
        return answer(cx, outcome, Form::default()).await;
    }
    if !is_form(request.headers()) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "A form must be application/x-www-form-urlencoded.\n")
            .into_response();
    }
    let Ok(body) = to_bytes(request.into_body(), FORM_BYTES).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "A form may have at most 4 MiB.\n").into_response();
    };
    let form = Form::parse(&body);
    let outcome = actions::run(cx, &form).await;
    answer(cx, outcome, form).await
}

/// Turns an action's outcome into a response.
async fn answer(cx: &mut Cx<'_>, outcome: actions::Outcome, form: Form) -> Response {
    let (back, result) = outcome;
    let error = match result {
        Ok(Reply::Go { to, done }) => {
            let mark = if to.contains('?') { '&' } else { '?' };
            let to = done.map_or_else(|| to.clone(), |done| format!("{to}{mark}done={}", done.code()));
            return see_other(&to);
        }
        Ok(Reply::Cookie { to, cookies }) => {
            let response = see_other(safe_path(&to));
            return cookies.iter().fold(response, |response, cookie| with_cookie(response, cookie.expose()));
        }
        Ok(Reply::ShowCookie { page, cookies }) => {
            let response = draw(cx, page);
            return cookies.iter().fold(response, |response, cookie| with_cookie(response, cookie.expose()));
        }
        Ok(Reply::Show(page)) => return draw(cx, page),
        Err(error) => error,
    };
    let faults = match &error {
        Error::Invalid(faults) => faults.clone(),
        Error::Conflict(text) | Error::Unavailable(text) | Error::Forbidden(text) => {
            vec![Fault::new("", text)]
        }
        Error::Busy(seconds) => {
            vec![Fault::new("", format!("Too many tries. Try again in {seconds} seconds."))]
        }
        Error::Unauthenticated if cx.path == "/actions/login" => {
            vec![Fault::new("", "The address or the password is wrong.")]
        }
        Error::Unauthenticated => return to_login("/"),
        Error::NotFound | Error::Other(_) => {
            return draw(cx, pages::error(cx, &error));
        }
    };
    cx.entered = Some(Arc::new(Entered { action: std::mem::take(&mut cx.path), form, faults }));
    cx.path = back;
    let mut page = page(cx).await;
    if page.status == 200 {
        page.status = error.status();
    }
    draw(cx, page)
}

fn draw(cx: &Cx<'_>, page: Page) -> Response {
    let status = page.status;
    html(status, &cx.visit.nonce, pages::draw(cx, page))
}

fn to_login(next: &str) -> Response {
    if next == "/" {
        return see_other("/login");
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    see_other(&format!("/login?next={next}"))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
}
