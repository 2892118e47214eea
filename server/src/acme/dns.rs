//! Whether a host leads to us, as far as this machine can see.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;

use crate::domain::domain_name::Hostname;

/// Where a host leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To us: every address that can be judged is ours.
    Here,
    /// Somewhere else, at least with these.
    Elsewhere(Vec<IpAddr>),
    /// Nowhere: the name has no address.
    Nowhere,
    /// It cannot be told, and why: the resolver failed, or our own address is not known. Not a no.
    Unknown(String),
}

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

/// Where `host` leads, compared with `ours`, our public addresses.
///
/// An address of a family of which we know none of ours (an AAAA, where we know only our IPv4) is
/// not judged. A proxy in front of us looks like somewhere else, rightly: it must pass challenges
/// on, and only its owner can know whether it does.
pub async fn leads(resolver: &dyn Resolver, host: &Hostname, ours: &[IpAddr]) -> Leads {
    if ours.is_empty() {
        return Leads::Unknown("our public address is not set".into());
    }
    let found = match resolver.addresses(host).await {
        Err(why) => return Leads::Unknown(why),
        Ok(found) if found.is_empty() => return Leads::Nowhere,
        Ok(found) => found,
    };
    let judged: Vec<_> = found.iter().filter(|f| ours.iter().any(|o| o.is_ipv4() == f.is_ipv4())).collect();
    let mut elsewhere: Vec<IpAddr> = judged.iter().map(|f| **f).filter(|f| !ours.contains(f)).collect();
    elsewhere.sort_unstable();
    elsewhere.dedup();
    if judged.is_empty() {
        Leads::Unknown("the host has only addresses of a kind that we do not know of ourselves".into())
    } else if elsewhere.is_empty() {
        Leads::Here
    } else {
        Leads::Elsewhere(elsewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Says(Result<Vec<&'static str>, &'static str>);

    #[async_trait]
    impl Resolver for Says {
        async fn addresses(&self, _: &Hostname) -> Result<Vec<IpAddr>, String> {
            self.0.clone().map(|all| all.iter().map(|a| a.parse().unwrap()).collect()).map_err(str::to_owned)
        }
    }

    async fn asked(says: Result<Vec<&'static str>, &'static str>, ours: &[&str]) -> Leads {
        let ours: Vec<IpAddr> = ours.iter().map(|a| a.parse().unwrap()).collect();
        leads(&Says(says), &Hostname::parse("a.example.org").unwrap(), &ours).await
    }

    #[tokio::test]
    async fn case_096_only_what_is_known_is_a_no() {
        let ours = ["192.0.2.1", "192.0.2.2"];
        assert_eq!(asked(Ok(vec!["192.0.2.2", "192.0.2.1"]), &ours).await, Leads::Here);
        let other: IpAddr = "198.51.100.9".parse().unwrap();
        assert_eq!(asked(Ok(vec!["192.0.2.1", "198.51.100.9"]), &ours).await, Leads::Elsewhere(vec![other]));
        assert_eq!(asked(Ok(vec![]), &ours).await, Leads::Nowhere);
        assert!(matches!(asked(Err("try again"), &ours).await, Leads::Unknown(_)));
        assert!(matches!(asked(Ok(vec!["192.0.2.1"]), &[]).await, Leads::Unknown(_)));
    }

    #[tokio::test]
    async fn an_address_of_a_kind_that_we_do_not_know_is_not_judged() {
        assert_eq!(asked(Ok(vec!["192.0.2.1", "2001:db8::9"]), &["192.0.2.1"]).await, Leads::Here);
        assert!(matches!(asked(Ok(vec!["2001:db8::9"]), &["192.0.2.1"]).await, Leads::Unknown(_)));
        let both = ["192.0.2.1", "2001:db8::1"];
        assert!(matches!(asked(Ok(vec!["192.0.2.1", "2001:db8::9"]), &both).await, Leads::Elsewhere(_)));
    }

    #[test]
    fn a_failing_resolver_is_no_answer() {
        assert!(no_such_name("failed to lookup address information: Name or service not known"));
        assert!(!no_such_name("failed to lookup address information: Temporary failure in name resolution"));
    }
}
