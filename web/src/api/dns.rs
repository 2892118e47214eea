//! DNS providers, proved domains, and certificates that the team brings along. Credentials and keys go in and
//! never come out.

use serde::{Deserialize, Serialize};

use super::Time;
#[cfg(feature = "ssr")]
use super::{Result, Secret};

/// A DNS provider without its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsProviderView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `cloudflare`, `route53`, `digitalocean`, `hetzner`, `desec`, `rfc2136`, `acme_dns`.
    pub kind: String,
    /// The zones there that it is for.
    pub zones: Vec<String>,
    /// Whose apps may use it, for people.
    pub place_name: String,
    /// When it was made.
    pub created_at: Time,
}

/// A domain, and the record that proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvedDomain {
    /// Its id.
    pub id: String,
    /// The domain.
    pub domain: String,
    /// The name of the TXT record.
    pub record: String,
    /// The value of that record.
    pub value: String,
    /// When the record was found; none: not yet.
    pub verified_at: Option<Time>,
}

/// A certificate that the team brought along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCertificate {
    /// Its id.
    pub id: String,
    /// The hosts that it is for.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// Valid until.
    pub expires_at: Time,
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsView {
    /// Providers that the viewer may see, by name.
    pub providers: Vec<DnsProviderView>,
    /// Domains of the team, by name; empty for who may not see them.
    pub domains: Vec<ProvedDomain>,
    /// The team's own certificates; empty for who may not see them.
    pub certificates: Vec<OwnCertificate>,
    /// Where a provider can be for: values and their texts.
    pub places: Vec<(String, String)>,
    /// The certificate of the instance's own authority, PEM, once there is one.
    pub authority: Option<String>,
}

/// A new provider as it was entered. What its kind does not have is not looked at.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewDnsProvider {
    /// What people call it.
    pub name: String,
    /// `team`, `project:ID` or `environment:ID`.
    pub place: String,
    /// Its kind.
    pub kind: String,
    /// Its zones, one on each line.
    pub zones: String,
    /// Where it answers; empty for the kind's own address.
    pub address: String,
    /// The name server of dynamic updates.
    pub server: String,
    /// How its messages are signed.
    pub algorithm: String,
    /// The subdomain of a registration at acme-dns.
    pub subdomain: String,
    /// An access key, a key's name or a username; empty for a token alone.
    pub login_id: String,
    /// The token, or the secret of the id.
    pub login_secret: Secret,
}

/// Questions and commands about DNS and the team's own certificates.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Dns: Send + Sync {
    /// All that the page shows.
    async fn dns(&self) -> Result<DnsView>;

    /// Names a provider. Faults at `name`, `place`, `zones`, `settings.…`, `login.id`, `login.secret`.
    async fn create_dns_provider(&self, new: NewDnsProvider) -> Result<()>;

    /// Gives a provider other zones, unless they are empty, and other credentials, unless the secret is.
    async fn change_dns_provider(&self, id: &str, zones: &str, login_id: &str, secret: Secret) -> Result<()>;

    /// Tries a provider now; what went wrong, if anything did.
    async fn test_dns_provider(&self, id: &str) -> Result<Option<String>>;

    /// Removes a provider.
    async fn delete_dns_provider(&self, id: &str) -> Result<()>;

    /// Begins the proof of a domain. Faults at `domain`.
    async fn claim_domain(&self, domain: &str) -> Result<()>;

    /// Looks for the record of a domain. A fault at `domain` says what must be put where.
    async fn verify_domain(&self, id: &str) -> Result<()>;

    /// Forgets a domain and its proof.
    async fn release_domain(&self, id: &str) -> Result<()>;

    /// Brings a certificate along; what is odd with it. Faults at `chain` and `key`.
    async fn upload_certificate(&self, chain: &str, key: Secret) -> Result<Vec<String>>;

    /// Removes a certificate that was brought along.
    async fn remove_own_certificate(&self, id: &str) -> Result<()>;
}
