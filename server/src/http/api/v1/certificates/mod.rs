//! Certificates of hosts.

mod list;
mod retry;

use serde::Serialize;

use crate::domain::{
    certificate::{Certificate, Challenge, Kind, State},
    clock::Time,
};

/// A certificate, without its key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CertificateView {
    /// For which host.
    host: String,
    /// Where it stands.
    #[schema(inline)]
    state: State,
    /// Who gives it: a public authority, or the instance's own.
    #[schema(inline)]
    kind: Kind,
    /// How the authority is shown that the host is ours; a wildcard always by the DNS.
    #[schema(inline)]
    challenge: Challenge,
    /// Why it did not work, and what to do.
    reason: Option<String>,
    /// The ACME directory that it comes from.
    directory: String,
    /// Valid from.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Time>,
    /// Valid until; it may still be served although the last order failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_after: Option<Time>,
    /// When it was last tried.
    #[schema(value_type = Option<String>, format = DateTime)]
    tried_at: Option<Time>,
    /// No try before this.
    #[schema(value_type = String, format = DateTime)]
    next_try_at: Time,
}

impl From<&Certificate> for CertificateView {
    fn from(certificate: &Certificate) -> Self {
        Self {
            host: certificate.host.to_string(),
            state: certificate.state,
            kind: certificate.kind,
            challenge: certificate.challenge,
            reason: certificate.reason.clone(),
            directory: certificate.directory.clone(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            tried_at: certificate.tried_at,
            next_try_at: certificate.next_try_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new().routes(routes!(list::handler)).routes(routes!(retry::handler))
}
