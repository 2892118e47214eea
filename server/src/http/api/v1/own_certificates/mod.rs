//! Certificates that the team brings along, and the authority of the instance.

mod authority;
mod list;
mod remove;
mod upload;

use serde::Serialize;

use crate::domain::{certificate::OwnCertificate, clock::Time, id::OwnCertificateId};

/// A certificate without its key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OwnCertificateView {
    /// Its id.
    #[schema(value_type = String)]
    id: OwnCertificateId,
    /// The hosts that it is for.
    names: Vec<String>,
    /// Who signed it.
    issuer: String,
    /// Valid from.
    #[schema(value_type = String, format = DateTime)]
    not_before: Time,
    /// Valid until; its hosts get certificates of an authority after that.
    #[schema(value_type = String, format = DateTime)]
    not_after: Time,
    /// What browsers may stumble over; told once, when it is uploaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// When it was brought.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<OwnCertificate> for OwnCertificateView {
    fn from(own: OwnCertificate) -> Self {
        Self {
            id: own.id,
            names: own.names.iter().map(ToString::to_string).collect(),
            issuer: own.issuer,
            not_before: own.not_before,
            not_after: own.not_after,
            warnings: Vec::new(),
            created_at: own.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(upload::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(authority::handler))
}
