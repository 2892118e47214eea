//! Where names are looked up.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;

use crate::domain::domain_name::Hostname;

/// Where names are looked up.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses (A and AAAA) of `host`; empty if there are none. An error is no answer.
    async fn addresses(&self, host: &Hostname) -> Result<Vec<IpAddr>, String>;
}

/// This machine's resolver, with a deadline.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver {
    /// No answer within this is no answer.
    pub deadline: Duration,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10) }
    }
}

#[async_trait]
impl Resolver for SystemResolver {
    async fn addresses(&self, host: &Hostname) -> Result<Vec<IpAddr>, String> {
        // A trailing dot: no search domain of this machine is tried.
        let name = format!("{host}.");
        let lookup = tokio::time::timeout(self.deadline, tokio::net::lookup_host((name, 80)));
        match lookup.await {
            Err(_) => Err("the resolver does not answer".into()),
            Ok(Ok(found)) => Ok(found.map(|address| address.ip().to_canonical()).collect()),
            Ok(Err(error)) if no_such_name(&error.to_string()) => Ok(Vec::new()),
            Ok(Err(error)) => Err(format!("the resolver answers: {error}")),
        }
    }
}

/// How the C libraries say EAI_NONAME and EAI_NODATA (glibc, musl); there is no code for it in
/// `std::io::Error`. All else (try again, failed, ...) is no answer.
fn no_such_name(error: &str) -> bool {
    [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "Name has no usable address",
    ]
    .iter()
    .any(|words| error.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_resolver_is_no_answer() {
        assert!(no_such_name("failed to lookup address information: Name or service not known"));
        assert!(!no_such_name("failed to lookup address information: Temporary failure in name resolution"));
    }
}
