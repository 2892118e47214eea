//! Directories that certificates come from.

mod change;
mod choose;
mod create;
mod list;
mod remove;

use serde::Serialize;

use crate::{
    acme::{KeyType, budget::Limits, choice::Listed},
    control::Ctx,
    domain::{clock::Time, id::DirectoryId},
};

/// A directory, without its key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DirectoryView {
    /// Its id.
    #[schema(value_type = String)]
    id: DirectoryId,
    /// Its place in the list, after that of the settings.
    position: i64,
    /// What people call it.
    name: String,
    /// Where it is.
    address: String,
    /// It takes the place of one that is in trouble.
    backup: bool,
    /// How the authority calls the key for new accounts (EAB); for the owner of the instance alone.
    external_key: Option<String>,
    /// Which kind of certificate is asked for.
    profile: Option<String>,
    /// Of hosts' keys.
    #[schema(inline)]
    key_type: KeyType,
    /// What it bears.
    limits: Limits,
    /// When it was entered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl DirectoryView {
    fn new(cx: &Ctx, listed: Listed) -> Self {
        Self {
            id: listed.id,
            position: listed.position,
            name: listed.name,
            address: listed.address.as_str().to_owned(),
            backup: listed.backup,
            external_key: listed.external_key.filter(|_| cx.access.instance()),
            profile: listed.profile,
            key_type: listed.key,
            limits: listed.limits,
            created_at: listed.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(choose::handler))
}
