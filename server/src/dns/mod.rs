//! The DNS that others run: a TXT value is put at a name and taken away again, and nothing else is changed.
//! What certificates for wildcards need (RFC 8555, 8.4), and what shows that a domain is somebody's.
//!
//! Other values of the same name stay: `x` and `*.x` are proved at one name, perhaps at the same time.
//! Those that speak http ask over [`stores::wire`](crate::stores): the checked address, no redirects, ten
//! seconds, 1 MiB. What a name says is asked of its own servers ([`look`]).
//!
//! To add a kind: its settings in `domain/dns_provider/settings.rs`, its file here with a [`Zone`], a line in
//! [`Outside::open`], and its answers in `tests/tests/dns`.

mod acme_dns;
mod cloudflare;
mod desec;
mod digitalocean;
mod error;
pub mod fake;
mod hetzner;
pub mod look;
mod rfc2136;
mod route53;
mod tsig;

use std::sync::Arc;

use async_trait::async_trait;

pub use error::DnsError;
pub use look::{Authorities, Look, SystemLook};

use crate::{
    domain::{
        clock::Clock,
        dns_provider::{Endpoint, Settings},
        domain_name::Hostname,
        outbound::Outbound,
        store::Login,
    },
    git::cli::{Resolve, SystemResolver},
    stores::wire::Wire,
};

/// How long others may keep a record that was put, in seconds: as short as all kinds allow.
const TTL: u32 = 60;

/// A zone that was opened.
#[async_trait]
pub trait Zone: Send + Sync {
    /// Puts a TXT value at `name`, which lies in the zone, beside those that are there. One that is there
    /// already is no error.
    ///
    /// # Errors
    /// See [`DnsError`].
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError>;

    /// Takes a TXT value away from `name`, and no other. One that is not there is no error.
    ///
    /// # Errors
    /// See [`DnsError`].
    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError>;
}

/// All providers there are.
pub trait Dns: Send + Sync {
    /// Opens a zone; nothing is asked yet.
    ///
    /// # Errors
    /// The settings name no address.
    fn open(&self, settings: &Settings, zone: &Hostname, login: Login) -> Result<Box<dyn Zone>, DnsError>;
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

    /// Resolves the providers' own names another way.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }
}

impl Dns for Outside {
    fn open(&self, settings: &Settings, zone: &Hostname, login: Login) -> Result<Box<dyn Zone>, DnsError> {
        let zone = zone.as_str().to_owned();
        let address = match settings.endpoint().map_err(|fault| DnsError::Unusable(fault.message))? {
            Endpoint::Http(address) => address,
            Endpoint::Server(server) => {
                let algorithm = match settings {
                    Settings::Rfc2136 { algorithm, .. } => *algorithm,
                    _ => Default::default(),
                };
                let key = tsig::Key::new(&login, algorithm).ok_or_else(tsig::Key::unfit)?;
                let (outbound, resolver) = (self.outbound.clone(), Arc::clone(&self.resolver));
                let clock = Arc::clone(&self.clock);
                return Ok(Box::new(rfc2136::Server { server, zone, key, outbound, resolver, clock }));
            }
        };
        let wire = Wire::new(&address, self.outbound.clone(), Arc::clone(&self.resolver), &login);
        Ok(match settings {
            Settings::Cloudflare { .. } => Box::new(cloudflare::Cloudflare { wire, login, zone }),
            Settings::Route53 { .. } => {
                Box::new(route53::Route53 { wire, login, zone, clock: Arc::clone(&self.clock) })
            }
            Settings::Digitalocean { .. } => Box::new(digitalocean::DigitalOcean { wire, login, zone }),
            Settings::Hetzner { .. } => Box::new(hetzner::Hetzner { wire, login, zone }),
            Settings::Desec { .. } => Box::new(desec::Desec { wire, login, zone }),
            Settings::AcmeDns { subdomain, .. } => {
                Box::new(acme_dns::AcmeDns { wire, login, subdomain: subdomain.clone() })
            }
            // Its endpoint is no address of http.
            Settings::Rfc2136 { .. } => return Err(DnsError::Unusable("it has no address".to_owned())),
        })
    }
}

/// What stands before the zone in a name; empty at the zone itself.
fn within<'n>(name: &'n str, zone: &str) -> &'n str {
    name.strip_suffix(zone).map_or(name, |rest| rest.trim_end_matches('.'))
}

/// A TXT value as zone files write it.
fn quoted(value: &str) -> String {
    format!("\"{value}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_within_a_zone() {
        assert_eq!(within("_acme-challenge.a.example.org", "example.org"), "_acme-challenge.a");
        assert_eq!(within("example.org", "example.org"), "");
        assert_eq!(quoted("x"), "\"x\"");
    }
}
