//! Settings of the whole instance.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::Result;

/// What can be set for the instance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InstanceSettings {
    /// The host of the dashboard itself.
    pub domain: String,
    /// The domain below which host names are generated: `apps.example.org`.
    pub base_domain: String,
    /// Where the ACME authority may write to.
    pub acme_email: String,
    /// The ACME directory: an https URL.
    pub acme_directory: String,
}

/// The instance's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceView {
    /// As set.
    pub settings: InstanceSettings,
    /// Skep's version.
    pub version: String,
    /// `embedded` or `cluster`.
    pub profile: String,
    /// The address that DNS records should lead to, if known.
    pub public_address: Option<String>,
    /// Names of settings that are given by flag or environment, and so cannot be changed here.
    pub fixed: Vec<String>,
    /// Directories to choose from, with a name: Let's Encrypt, its staging one...
    pub directories: Vec<(String, String)>,
}

/// Questions and commands about the instance.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Instances: Send + Sync {
    /// As it is.
    async fn instance(&self) -> Result<InstanceView>;

    /// Changes it. Faults at `domain`, `base_domain`, `acme_email`, `acme_directory`.
    async fn set_instance(&self, settings: InstanceSettings) -> Result<()>;
}
