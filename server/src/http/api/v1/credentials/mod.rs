//! Credentials for git and registries.

mod create;
mod list;
mod remove;

use serde::Serialize;

use super::members::PlaceBody;
use crate::domain::{
    clock::Time,
    credential::{Credential, Kind},
    id::CredentialId,
};

/// A credential without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CredentialView {
    /// Its id.
    #[schema(value_type = String)]
    id: CredentialId,
    /// What it is for.
    #[schema(inline)]
    kind: Kind,
    /// Whose it is: only apps there use it.
    place: PlaceBody,
    /// For people.
    title: String,
    /// The only host it is sent to.
    host: String,
    /// The user name, if it has one.
    username: Option<String>,
    /// The public half of a key, to enter at the git host.
    public: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Credential> for CredentialView {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id,
            kind: credential.kind,
            place: credential.place.into(),
            title: credential.title.to_string(),
            host: credential.host,
            username: credential.username,
            public: credential.public,
            created_at: credential.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(remove::handler))
}
