//! Secret stores that the team has elsewhere.

mod change;
mod check;
mod create;
mod list;
mod remove;

use serde::{Deserialize, Serialize};

use super::members::PlaceBody;
use crate::domain::{
    clock::Time,
    id::StoreId,
    secret::Secret,
    store::{Settings, Store},
};

/// A store without its credentials.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StoreView {
    /// Its id.
    #[schema(value_type = String)]
    id: StoreId,
    /// What variables call it: `${{store.NAME:path#key}}`.
    name: String,
    /// Apps there and below may use it.
    place: PlaceBody,
    /// Where it answers.
    address: String,
    /// Its kind, and how that is asked.
    settings: Settings,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Store> for StoreView {
    fn from(store: Store) -> Self {
        Self {
            id: store.id,
            name: store.name.to_string(),
            place: store.place.into(),
            address: store.address.as_str().to_owned(),
            settings: store.settings,
            created_at: store.created_at,
        }
    }
}

/// What a store is shown; never told again.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = StoreLogin)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// A role id, client id or access key id; absent for a token alone.
    #[serde(default)]
    id: String,
    /// The token, or the secret of the id.
    #[schema(value_type = String)]
    secret: Secret,
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(check::handler))
}
