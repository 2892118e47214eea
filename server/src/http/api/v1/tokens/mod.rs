//! API tokens.

mod create;
mod end;
mod list;

pub use create::{Body as CreateToken, NewToken};
use serde::Serialize;

use super::members::PlaceBody;
use crate::domain::{clock::Time, id::TokenId, identity::Token, right::Right};

/// An API token, without its value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokenView {
    /// Its id.
    #[schema(value_type = String)]
    id: TokenId,
    /// For people.
    name: String,
    /// What it is limited to; all that its person may do if there is none.
    rights: Option<Vec<Right>>,
    /// Where it is limited to.
    places: Option<Vec<PlaceBody>>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it ends, if ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Time>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            rights: token.rights.map(|rights| rights.iter().collect()),
            places: token.places.map(|places| places.into_iter().map(PlaceBody::from).collect()),
            created_at: token.created_at,
            expires_at: token.expires_at,
            used_at: token.used_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(end::handler))
}
