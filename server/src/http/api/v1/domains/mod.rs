//! Domains of apps.

mod add;
mod change;
mod list;
mod remove;
mod show;

use serde::Serialize;

use super::certificates::CertificateView;
use crate::domain::{
    certificate::Certificate, clock::Time, domain_name::Domain, id::DomainId, route::RouteOptions,
};

/// A host name (with path) and where it leads.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DomainView {
    /// Its id.
    #[schema(value_type = String)]
    id: DomainId,
    /// The host, in punycode.
    host: String,
    /// Requests under this path.
    path: String,
    /// The path is taken off before the app sees the request.
    strip: bool,
    /// The service of a Compose app.
    service: Option<String>,
    /// The port in the container.
    port: u16,
    /// Served over HTTPS, http is redirected.
    https: bool,
    /// Made by Skep for a first try.
    generated: bool,
    /// The host with or without `www.` that is sent on to this one.
    other_host: Option<String>,
    /// What else holds for it.
    options: RouteOptions,
    /// The names of those whom visitors must show to be; empty: nobody is asked.
    logins: Vec<String>,
    /// The certificate of the host, if it is to have one.
    certificate: Option<CertificateView>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl DomainView {
    fn new(domain: Domain, certificates: &[Certificate]) -> Self {
        let certificate = certificates.iter().find(|certificate| certificate.host == domain.host);
        Self {
            id: domain.id,
            host: domain.host.to_string(),
            path: domain.path.as_str().to_owned(),
            strip: domain.strip,
            service: domain.service,
            port: domain.port,
            https: domain.https,
            generated: domain.generated,
            other_host: domain.other_host.map(|host| host.to_string()),
            logins: domain.logins.iter().map(|login| login.name.as_str().to_owned()).collect(),
            options: domain.options,
            certificate: certificate.filter(|_| domain.https).map(CertificateView::from),
            created_at: domain.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(add::handler))
        .routes(routes!(show::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
}
