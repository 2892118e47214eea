//! A provider that says what a test tells it, true or not.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use url::Url;

use super::{Ask, Endpoint, Finding, SsoError, Vouched, Voucher};
use crate::domain::clock::Time;

/// Says what it was told to say.
#[derive(Debug)]
pub struct FakeVoucher {
    next: Mutex<Result<Vouched, SsoError>>,
}

impl Default for FakeVoucher {
    fn default() -> Self {
        Self { next: Mutex::new(Err(SsoError::Unreachable("nobody told it what to say".to_owned()))) }
    }
}

impl FakeVoucher {
    /// From now on it vouches for this person, or fails.
    pub fn say(&self, next: Result<Vouched, SsoError>) {
        *self.next() = next;
    }

    fn next(&self) -> MutexGuard<'_, Result<Vouched, SsoError>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Voucher for FakeVoucher {
    async fn begin(&self, at: &Endpoint, ask: &Ask) -> Result<Url, SsoError> {
        if let Err(SsoError::Unreachable(why)) = &*self.next() {
            return Err(SsoError::Unreachable(why.clone()));
        }
        let address = format!("{}/authorize?state={}", at.issuer.as_str().trim_end_matches('/'), ask.state);
        Url::parse(&address).map_err(|_| SsoError::wrong("not_a_provider", "its address is none"))
    }

    async fn identify(
        &self,
        _at: &Endpoint,
        _ask: &Ask,
        code: &str,
        _now: Time,
    ) -> Result<Vouched, SsoError> {
        if code == "code" { self.next().clone() } else { Err(SsoError::Said("invalid_grant".to_owned())) }
    }

    async fn examine(&self, at: &Endpoint, _ask: &Ask) -> Vec<Finding> {
        let (ok, text) = match &*self.next() {
            Ok(_) => (true, format!("it is {}", at.issuer)),
            Err(error) => (false, error.to_string()),
        };
        vec![Finding { what: "discovery", ok, text }]
    }
}
