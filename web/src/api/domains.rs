//! Host names of an app and their certificates.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{AppId, Result};
use super::{DomainId, Time};

/// A host name (with path) and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainView {
    /// Its id.
    pub id: DomainId,
    /// The host, in punycode.
    pub host: String,
    /// Requests under this path; `/` means all.
    pub path: String,
    /// The prefix is taken off before the app sees the request.
    pub strip: bool,
    /// The service of a Compose app; none for the only one.
    pub service: Option<String>,
    /// The port in the container.
    pub port: u16,
    /// Served over HTTPS, http is redirected.
    pub https: bool,
    /// Made by Skep for a first try.
    pub generated: bool,
    /// The host with or without `www.` that is sent on to this one.
    pub other_host: Option<String>,
    /// What else holds for it, as the API has it.
    pub options: serde_json::Value,
    /// The names of those whom visitors must show to be.
    pub logins: Vec<String>,
    /// The whole address.
    pub url: String,
    /// The certificate, if `https`.
    pub certificate: Option<CertificateView>,
}

/// Where a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// None yet; an order is due.
    Pending,
    /// The host does not lead to us; no order is placed.
    PendingDns,
    /// There is a valid one.
    Issued,
    /// The last order failed; another is due.
    Failed,
    /// Another certificate of the team serves the host.
    Covered,
    /// The authority's limits leave no room for an order yet.
    PendingBudget,
    /// An order is on its way.
    Ordering,
}

/// A certificate of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// Where it stands.
    pub state: CertificateState,
    /// Why it did not work, and what to do.
    pub reason: Option<String>,
    /// Valid until; a valid one may still be served although the last order failed.
    pub expires_at: Option<Time>,
    /// No try before this.
    pub next_try_at: Option<Time>,
    /// The name of the authority: `Let's Encrypt`, `staging`, or the directory's host.
    pub issuer: String,
}

/// A port of the instance that leads to an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortView {
    /// Its id.
    pub id: String,
    /// The port of the instance: `tcp 5432`.
    pub public: String,
    /// The service of a Compose app.
    pub service: Option<String>,
    /// The port in the container.
    pub port: u16,
    /// The host that visitors must name in TLS.
    pub host: Option<String>,
}

/// An app's public ports, and which it could have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ports {
    /// Its own.
    pub own: Vec<PortView>,
    /// Those that lead nowhere yet: `tcp 5432`.
    pub free: Vec<String>,
}

/// A new public port as it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewPort {
    /// One of the free ones.
    pub public: String,
    /// The service of a Compose file; none for all other apps.
    pub service: Option<String>,
    /// The port in the container.
    pub port: u16,
    /// The host that visitors must name in TLS, which the edge speaks.
    pub host: Option<String>,
    /// Address ranges that may come; everybody, if there are none.
    pub allow: Vec<String>,
}

/// A new domain as it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewDomain {
    /// The host.
    pub host: String,
    /// The path prefix; empty means `/`.
    pub path: String,
    /// Take the prefix off.
    pub strip: bool,
    /// The service of a Compose file; none for all other apps.
    pub service: Option<String>,
    /// The port in the container; the app's own if none.
    pub port: Option<u16>,
    /// Serve over HTTPS.
    pub https: bool,
    /// Prove the host by its DNS.
    pub dns: bool,
    /// The name is private to a network.
    pub private: bool,
}

/// Questions and commands about domains.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Domains: Send + Sync {
    /// An app's domains by host and path.
    async fn domains(&self, app: &AppId) -> Result<Vec<DomainView>>;

    /// One of them.
    async fn domain(&self, app: &AppId, id: &DomainId) -> Result<DomainView>;

    /// Changes what holds for a domain: the API's own change, whose faults are at its paths.
    async fn change_domain(&self, app: &AppId, id: &DomainId, change: serde_json::Value) -> Result<()>;

    /// An app's public ports.
    async fn ports(&self, app: &AppId) -> Result<Ports>;

    /// Leads a public port to an app; `Conflict` if it leads somewhere.
    async fn add_port(&self, app: &AppId, new: NewPort) -> Result<()>;

    /// Takes a public port away from an app.
    async fn remove_port(&self, app: &AppId, id: &str) -> Result<()>;

    /// Adds a domain. Faults at `host`, `path`, `port`; `Conflict` if the host is taken.
    async fn add_domain(&self, app: &AppId, new: NewDomain) -> Result<()>;

    /// Adds a host name made by Skep; `Conflict` if the instance has no base domain.
    async fn generate_domain(&self, app: &AppId) -> Result<()>;

    /// Removes a domain; its host stops answering at once.
    async fn remove_domain(&self, app: &AppId, id: &DomainId) -> Result<()>;

    /// Tries again now to get the certificate.
    async fn retry_certificate(&self, app: &AppId, id: &DomainId) -> Result<()>;
}
