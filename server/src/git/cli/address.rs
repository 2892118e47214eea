//! From a host's name to addresses that may be connected to (cases 41 and 42).
//!
//! All addresses of a name must be allowed, not just one: which of them is taken is not ours to
//! say. They are handed on, so that git connects to these and does not ask the name server again.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;

use super::super::GitError;
use super::failure;
use crate::domain::outbound::Outbound;

/// How names become addresses.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of `host`, a plain name.
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<IpAddr>>;
}

/// By the machine's own resolver.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.map(|address| address.ip()).collect())
    }
}

/// The addresses of `host` (a name, or an address with or without brackets), each of them allowed.
///
/// # Errors
/// `address_not_allowed`, or no answer from the name server.
pub(crate) async fn checked(
    host: &str,
    port: u16,
    outbound: &Outbound,
    resolver: &dyn Resolve,
) -> Result<Vec<IpAddr>, GitError> {
    let bare = host.trim_matches(['[', ']']);
    let addresses = if let Ok(literal) = bare.parse() {
        vec![literal]
    } else {
        let asked = tokio::time::timeout(Duration::from_secs(10), resolver.resolve(host, port)).await;
        let mut addresses = asked
            .map_err(|_| GitError::Unreachable(format!("the name server gave no answer about {host}")))?
            .map_err(|error| GitError::Unreachable(format!("{host} has no address: {error}")))?;
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    };
    if addresses.is_empty() {
        return Err(GitError::Unreachable(format!("{host} has no address")));
    }
    for address in &addresses {
        outbound.check(*address).map_err(failure::from_wrong)?;
    }
    Ok(addresses)
}
