//! Domains that the team proves to be theirs.

mod claim;
mod list;
mod release;
mod verify;

use serde::Serialize;

use crate::domain::{clock::Time, id::VerifiedDomainId, verified_domain::VerifiedDomain};

/// A domain, and the record that proves it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VerifiedDomainView {
    /// Its id.
    #[schema(value_type = String)]
    id: VerifiedDomainId,
    /// The domain; what is proved holds for all names below it, too.
    domain: String,
    /// The name of the TXT record that proves it.
    record: String,
    /// The value of that record.
    value: String,
    /// When the record was found; none: not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    verified_at: Option<Time>,
    /// When the proof was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<VerifiedDomain> for VerifiedDomainView {
    fn from(domain: VerifiedDomain) -> Self {
        Self {
            id: domain.id,
            record: domain.record(),
            domain: domain.domain.to_string(),
            value: domain.token,
            verified_at: domain.verified_at,
            created_at: domain.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(claim::handler))
        .routes(routes!(verify::handler))
        .routes(routes!(release::handler))
}
