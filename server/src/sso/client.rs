//! Speaks with each provider as its kind wants it.

use async_trait::async_trait;
use url::Url;

use super::{Ask, Endpoint, Finding, SsoError, Vouched, Voucher, github, http::Http, oidc};
use crate::domain::{clock::Time, outbound::Outbound, sso::Kind};

/// The real thing: over HTTP, to addresses that are allowed.
pub struct Client {
    http: Http,
}

impl Client {
    /// To addresses that `outbound` allows.
    #[must_use]
    pub const fn new(outbound: Outbound) -> Self {
        Self { http: Http::new(outbound) }
    }
}

#[async_trait]
impl Voucher for Client {
    async fn begin(&self, at: &Endpoint, ask: &Ask) -> Result<Url, SsoError> {
        match at.kind {
            Kind::Oidc => oidc::begin(&self.http, at, ask).await,
            Kind::Github => github::begin(at, ask),
        }
    }

    async fn identify(&self, at: &Endpoint, ask: &Ask, code: &str, now: Time) -> Result<Vouched, SsoError> {
        match at.kind {
            Kind::Oidc => oidc::identify(&self.http, at, ask, code, now).await,
            Kind::Github => github::identify(&self.http, at, ask, code).await,
        }
    }

    async fn examine(&self, at: &Endpoint, ask: &Ask) -> Vec<Finding> {
        match at.kind {
            Kind::Oidc => oidc::examine(&self.http, at, ask).await,
            Kind::Github => github::examine(&self.http, at, ask).await,
        }
    }
}
