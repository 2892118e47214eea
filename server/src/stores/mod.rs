//! Secret stores that others run: Vault and OpenBao, Infisical, AWS Secrets Manager, Doppler, 1Password
//! Connect. One value is read by path and key; nothing is written, listed or kept.
//!
//! All ask over [`wire`], as `dns/` does: to addresses that the outbound rule allows, without redirects, ten seconds and
//! 1 MiB at most. A [`Store`] lives as long as one deployment reads; a token that it signs in for lives
//! no longer.
//!
//! To add a kind: its settings in `domain/store/settings.rs`, its file here with a `Store`, a line in
//! [`Outside::open`], and its answers in `tests/tests/stores`.

mod aws;
mod doppler;
mod error;
pub mod fake;
mod infisical;
mod onepassword;
pub(crate) mod sign;
mod value;
mod vault;
pub(crate) mod wire;
pub(crate) mod words;

use std::sync::Arc;

use async_trait::async_trait;

pub use error::StoreError;

use crate::{
    domain::{
        clock::Clock,
        outbound::Outbound,
        secret::Secret,
        store::{Login, Settings, StoreAddress},
    },
    git::cli::{Resolve, SystemResolver},
};

/// A store that was opened.
#[async_trait]
pub trait Store: Send + Sync {
    /// One value; without a key all of what is at the path, where the kind has that.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError>;

    /// Whether it answers and takes the credentials.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn check(&self) -> Result<(), StoreError>;
}

/// All stores there are.
pub trait Stores: Send + Sync {
    /// Opens one; nothing is asked yet.
    fn open(&self, address: &StoreAddress, settings: &Settings, login: Login) -> Box<dyn Store>;
}

/// The real ones.
pub struct Outside {
    outbound: Outbound,
    resolver: Arc<dyn Resolve>,
    clock: Arc<dyn Clock>,
}

impl Outside {
    /// At addresses that `outbound` allows.
    #[must_use]
    pub fn new(outbound: Outbound, clock: Arc<dyn Clock>) -> Self {
        Self { outbound, resolver: Arc::new(SystemResolver), clock }
    }

    /// Resolves names another way.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }
}

impl Stores for Outside {
    fn open(&self, address: &StoreAddress, settings: &Settings, login: Login) -> Box<dyn Store> {
        let wire = wire::Wire::new(address, self.outbound.clone(), Arc::clone(&self.resolver), &login);
        match settings.clone() {
            Settings::Vault { mount, version, namespace } => {
                Box::new(vault::Vault::new(wire, login, mount, version, namespace))
            }
            Settings::Infisical { project, environment } => {
                Box::new(infisical::Infisical::new(wire, login, project, environment))
            }
            Settings::Aws { region } => {
                Box::new(aws::SecretsManager::new(wire, login, region, Arc::clone(&self.clock)))
            }
            Settings::Doppler {} => Box::new(doppler::Doppler::new(wire, login)),
            Settings::Onepassword {} => Box::new(onepassword::Connect::new(wire, login)),
        }
    }
}
