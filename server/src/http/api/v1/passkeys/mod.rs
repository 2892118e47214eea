//! Passkeys of the person who asks. To add an operation: its file, and its line below.

mod begin;
mod list;
mod register;
mod remove;
mod rename;

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::session::with_cookies;
use crate::{
    control::identity::passkeys::Asked,
    domain::{clock::Time, id::PasskeyId, identity::Passkey},
    http::Cookie,
};

/// A passkey.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PasskeyView {
    /// Its id.
    #[schema(value_type = String)]
    id: PasskeyId,
    /// For people.
    name: String,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it last signed in.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Time>,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        Self { id: passkey.id, name: passkey.name, created_at: passkey.created_at, used_at: passkey.used_at }
    }
}

/// What the browser asks an authenticator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OptionsView {
    /// As `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` takes it.
    #[schema(value_type = Object)]
    options: serde_json::Value,
}

/// What is asked, and the cookie to answer with.
pub fn asked_answer(asked: Asked, https: bool) -> Response {
    let cookie = Cookie::Passkey.set(&asked.cookie, https);
    with_cookies(Json(OptionsView { options: asked.options }).into_response(), &[cookie])
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(begin::handler))
        .routes(routes!(register::handler))
        .routes(routes!(rename::handler))
        .routes(routes!(remove::handler))
}
