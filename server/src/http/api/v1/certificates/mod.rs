//! Certificates of hosts.

mod all;
mod choose;
mod import;
mod list;
mod renew;
mod retry;
mod retry_one;
mod show;

use serde::Serialize;

use crate::{
    acme::standing::{Standing, advice},
    control::Ctx,
    domain::{
        certificate::{Certificate, Challenge, Kind, State},
        clock::Time,
        id::{AppId, CertificateId},
    },
};

/// A certificate, without its key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CertificateView {
    /// Its id.
    #[schema(value_type = String)]
    id: CertificateId,
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
            id: certificate.id,
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

/// A certificate with all that is known of it, without its key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CertificateDetail {
    #[serde(flatten)]
    certificate: CertificateView,
    /// The app of its host; none for the platform's own.
    #[schema(value_type = Option<String>)]
    app: Option<AppId>,
    /// One word for how it stands.
    #[schema(inline)]
    standing: Standing,
    /// Who signed it.
    issuer: Option<String>,
    /// When it is renewed.
    #[schema(value_type = Option<String>, format = DateTime)]
    renew_at: Option<Time>,
    /// Where the authority explains when it would like to renew.
    explanation: Option<String>,
    /// What the last failure means, for programs.
    fault: Option<String>,
    /// The authority's problem type of the last failure.
    problem: Option<String>,
    /// What can be done about it.
    advice: Option<&'static str>,
    /// The directory that was chosen for it alone.
    chosen: Option<String>,
    /// Orders that failed since the last success.
    failures: i64,
}

impl CertificateDetail {
    fn new(cx: &Ctx, row: &Certificate, app: Option<AppId>) -> Self {
        Self {
            certificate: CertificateView::from(row),
            app,
            standing: Standing::of(row, cx.now()),
            issuer: row.plan.issuer.clone(),
            renew_at: row.plan.renew_at,
            explanation: row.plan.explanation.clone(),
            fault: row.plan.fault.clone(),
            problem: row.plan.problem.clone(),
            advice: advice(row),
            chosen: row.plan.chosen.clone(),
            failures: row.failures,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(retry::handler))
        .routes(routes!(all::handler))
        .routes(routes!(show::handler))
        .routes(routes!(retry_one::handler))
        .routes(routes!(renew::handler))
        .routes(routes!(choose::handler))
        .routes(routes!(import::handler))
}
