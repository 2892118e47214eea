//! Settings of the whole instance.

mod change;
mod enable_tls;
mod show;

use serde::Serialize;

use super::certificates::CertificateView;
use crate::control::{
    Ctx, Error,
    settings::{self, Settings},
};

/// The settings of the whole instance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SettingsView {
    /// The host of the dashboard itself.
    domain: Option<String>,
    /// The domain below which host names are generated.
    base_domain: Option<String>,
    /// Where the ACME authority may write to.
    acme_email: Option<String>,
    /// The ACME directory.
    acme_directory: String,
    /// Names of settings that are given at start and cannot be changed here.
    fixed: Vec<&'static str>,
    /// The certificate of the platform's own host.
    certificate: Option<CertificateView>,
    /// The address by which forges and people reach this instance.
    public_url: Option<String>,
    /// Addresses that DNS records should lead to.
    public_addresses: Vec<String>,
    /// `embedded` or `cluster`.
    profile: &'static str,
    /// Skep's version.
    version: &'static str,
}

impl SettingsView {
    async fn new(cx: &Ctx, settings: Settings) -> Result<Self, Error> {
        let instance = &cx.parts.instance;
        Ok(Self {
            domain: settings.domain,
            base_domain: settings.base_domain,
            // A person's address is for the owner of the instance alone.
            acme_email: settings.acme_email.filter(|_| cx.access.instance()),
            acme_directory: settings.acme_directory,
            fixed: instance.fixed.iter().copied().collect(),
            certificate: settings::certificate(cx).await?.as_ref().map(CertificateView::from),
            public_url: settings::public_url(&cx.parts).await?.map(Into::into),
            public_addresses: instance.public_addresses.iter().map(ToString::to_string).collect(),
            profile: cx.parts.db.profile(),
            version: env!("CARGO_PKG_VERSION"),
        })
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(show::handler))
        .routes(routes!(change::handler))
        .routes(routes!(enable_tls::handler))
}
