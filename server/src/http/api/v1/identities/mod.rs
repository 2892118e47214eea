//! By which identity providers the person who asks is known.

mod connect;
mod disconnect;
mod list;

use serde::Deserialize;

use crate::domain::secret::Secret;

/// Who changes how they sign in shows their password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = IdentityProof)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Their password.
    #[schema(value_type = String)]
    password: Secret,
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(connect::handler))
        .routes(routes!(disconnect::handler))
}
