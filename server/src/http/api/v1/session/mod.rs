//! Signing in and out, and the sessions of the person who asks.

mod begin_passkey;
mod change_password;
mod end;
mod end_all;
mod list;
mod login;
mod logout;
mod passkey;
mod second_step;
mod whoami;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use crate::{
    control::identity::{Entry, SignedIn},
    domain::{clock::Time, id::UserId, identity::User},
    http::Cookie,
};

/// A person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PersonView {
    /// Their id.
    #[schema(value_type = String)]
    id: UserId,
    /// Their address.
    email: String,
    /// It is a service account, which nobody signs in as.
    service_account: bool,
    /// When they were made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<&User> for PersonView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.to_string(),
            service_account: user.service.is_some(),
            created_at: user.created_at,
        }
    }
}

/// How far a password led: the person, or that a code is asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum EntryView {
    /// They are signed in.
    SignedIn(PersonView),
    /// They go on at `/login/second`.
    SecondStep {
        /// Always true: a code is asked for.
        second_factor: bool,
    },
}

/// The person and the cookies of their new session; or that a code is asked for, and the cookie to go
/// on with, which is no session.
pub fn entry_answer(status: StatusCode, entry: &Entry, https: bool) -> Response {
    match entry {
        Entry::SignedIn(signed_in) => signed_in_answer(status, signed_in, https),
        Entry::SecondStep(pending) => {
            let body = Json(EntryView::SecondStep { second_factor: true });
            with_cookies((status, body).into_response(), &[Cookie::Pending.set(pending, https)])
        }
    }
}

/// The person, and the cookies of their new session.
pub fn signed_in_answer(status: StatusCode, signed_in: &SignedIn, https: bool) -> Response {
    let body = Json(EntryView::SignedIn(PersonView::from(&signed_in.user)));
    with_cookies((status, body).into_response(), &given(signed_in, https))
}

/// An answer with the cookies of the session that goes on.
pub fn rotated_answer(body: impl Serialize, signed_in: &SignedIn, https: bool) -> Response {
    with_cookies(Json(body).into_response(), &given(signed_in, https))
}

fn given(signed_in: &SignedIn, https: bool) -> [String; 4] {
    [
        Cookie::Session.set(&signed_in.cookie, https),
        Cookie::Known.set(&signed_in.known, https),
        Cookie::Pending.clear(https),
        Cookie::Passkey.clear(https),
    ]
}

/// Nothing, and no session any more.
pub fn signed_out_answer(https: bool) -> Response {
    with_cookies(StatusCode::NO_CONTENT.into_response(), &[Cookie::Session.clear(https)])
}

/// An answer with these cookies.
pub fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for cookie in cookies {
        if let Ok(mut value) = HeaderValue::from_str(cookie) {
            value.set_sensitive(true);
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(login::handler))
        .routes(routes!(second_step::handler))
        .routes(routes!(begin_passkey::handler))
        .routes(routes!(passkey::handler))
        .routes(routes!(logout::handler))
        .routes(routes!(whoami::handler))
        .routes(routes!(list::handler))
        .routes(routes!(end::handler))
        .routes(routes!(end_all::handler))
        .routes(routes!(change_password::handler))
}
