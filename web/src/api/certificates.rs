//! Certificates of all hosts, and the directories that they come from.

use serde::{Deserialize, Serialize};

use super::{AppId, Time};
#[cfg(feature = "ssr")]
use super::{Result, Secret};

/// One word for how a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStanding {
    /// None yet; an order is due.
    Pending,
    /// The name does not lead here.
    WaitingDns,
    /// The authority's limits leave no room for an order.
    WaitingBudget,
    /// The first order is on its way.
    Ordering,
    /// There is a valid one.
    Issued,
    /// There is a valid one, and an order for the next is on its way.
    Renewing,
    /// The last order failed.
    Failed,
    /// The valid one ends soon, and there is no next one.
    Expiring,
}

/// A certificate with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateLine {
    /// Its id.
    pub id: String,
    /// Its host.
    pub host: String,
    /// The app of the host; none for the platform's own, and where all teams' are shown.
    pub app: Option<AppId>,
    /// How it stands.
    pub standing: CertificateStanding,
    /// The directory: `Let's Encrypt`, or the host of its address.
    pub directory: String,
    /// The directory was chosen for this host alone.
    pub chosen: bool,
    /// Who signed it.
    pub issuer: Option<String>,
    /// Valid until.
    pub expires_at: Option<Time>,
    /// When it was last tried.
    pub tried_at: Option<Time>,
    /// What comes next, unless all is well: no try before this.
    pub next_try_at: Option<Time>,
    /// When it is renewed.
    pub renew_at: Option<Time>,
    /// Where the authority explains when it would like to renew: an `https` URL.
    pub explanation: Option<String>,
    /// The authority's own words, or ours.
    pub reason: Option<String>,
    /// The authority's problem type: `urn:ietf:params:acme:error:dns`.
    pub problem: Option<String>,
    /// What to do.
    pub advice: Option<String>,
    /// The viewer may try again, renew and choose.
    pub may: bool,
}

/// All that the page of certificates shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatesView {
    /// Those that need somebody first.
    pub certificates: Vec<CertificateLine>,
    /// Directories to choose from: names; empty if there is no choice.
    pub directories: Vec<String>,
}

/// A directory that certificates come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryLine {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its https address.
    pub address: String,
    /// It takes the place of one that is in trouble.
    pub backup: bool,
    /// How the authority calls the key for new accounts (EAB).
    pub external_key: Option<String>,
    /// Which kind of certificate is asked for.
    pub profile: Option<String>,
    /// Of hosts' keys: `ecdsa-p256`, `ecdsa-p384`.
    pub key_type: String,
    /// What it bears.
    pub limits: DirectoryLimits,
}

/// What a directory bears, as the form has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryLimits {
    /// New orders within 3 hours.
    pub orders: Option<u32>,
    /// Certificates for one registered domain within 7 days.
    pub domain: Option<u32>,
    /// Certificates for the same host within 7 days.
    pub same: Option<u32>,
    /// Failed validations of one host within an hour.
    pub failures: Option<u32>,
    /// Orders on their way at the same time.
    pub at_once: Option<u32>,
}

/// All that the page of directories shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoriesView {
    /// The one of the settings, by name and address.
    pub first: (String, String),
    /// The others, in their order.
    pub others: Vec<DirectoryLine>,
}

/// A directory as it was entered.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewDirectory {
    /// What people call it; empty for the authority's name.
    pub name: String,
    /// `production`, `staging`, `zerossl`, `google`, or an https address. Not looked at in a change.
    pub address: String,
    /// Its place in the list, from 1; not looked at for a new one.
    pub position: Option<i64>,
    /// It takes the place of one that is in trouble.
    pub backup: bool,
    /// How the authority calls the key for new accounts; empty for none, or as before.
    pub external_key: String,
    /// That key.
    pub hmac: Secret,
    /// Which kind of certificate is asked for; empty for the usual one.
    pub profile: String,
    /// Of hosts' keys.
    pub key_type: String,
    /// What it bears; what is not entered stays, or is what is known of it.
    pub limits: DirectoryLimits,
}

/// Questions and commands about certificates.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Certificates: Send + Sync {
    /// Those of the hosts that the viewer sees.
    async fn certificates(&self) -> Result<CertificatesView>;

    /// Those of all teams, for the owner of the instance.
    async fn instance_certificates(&self) -> Result<CertificatesView>;

    /// Tries again now; `Busy` soon after a failure.
    async fn retry_one_certificate(&self, id: &str) -> Result<()>;

    /// Asks for a new one, whatever the dates of the old one say.
    async fn renew_certificate(&self, id: &str) -> Result<()>;

    /// Chooses the directory of one by its name; empty: as for all others. Fault at `directory`.
    async fn choose_directory(&self, id: &str, directory: &str) -> Result<()>;

    /// All that the page of directories shows.
    async fn directories(&self) -> Result<DirectoriesView>;

    /// Enters one. Faults at `name`, `address`, `external_key`, `hmac`, `profile`, `limits`.
    async fn create_directory(&self, new: NewDirectory) -> Result<()>;

    /// Changes one. Faults as above.
    async fn change_directory(&self, id: &str, new: NewDirectory) -> Result<()>;

    /// Removes one; `Conflict` while something has chosen it.
    async fn remove_directory(&self, id: &str) -> Result<()>;
}
