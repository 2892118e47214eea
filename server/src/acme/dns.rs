//! Where names are looked up.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use async_trait::async_trait;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData, RecordType},
};

use super::caa;
use crate::domain::domain_name::Hostname;

/// Where names are looked up.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses (A and AAAA) of `host`; empty if there are none. An error is no answer.
    async fn addresses(&self, host: &Hostname) -> Result<Vec<IpAddr>, String>;
    /// The CAA records of exactly `name`, without a dot at its end; empty if there are none, as for
    /// one who knows of addresses only. An error is no answer.
    async fn caa(&self, name: &str) -> Result<Vec<caa::Record>, String> {
        let _ = name;
        Ok(Vec::new())
    }
}

/// This machine's resolver, with a deadline.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver {
    /// No answer within this is no answer.
    pub deadline: Duration,
    /// Who is asked for what is no address; the machine's own name servers unless given.
    pub server: Option<SocketAddr>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), server: None }
    }
}

impl SystemResolver {
    /// A client for one question. The C libraries look up addresses only; they are asked for those
    /// because they know the machine's hosts file and the swarm's own names.
    fn client(&self) -> Result<TokioResolver, NetError> {
        let mut builder = match self.server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                let connections = connections.map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_name_servers(vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        builder.options_mut().cache_size = 0;
        builder.build()
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

    async fn caa(&self, name: &str) -> Result<Vec<caa::Record>, String> {
        let said = |error: NetError| format!("the resolver answers: {error}");
        let mut name = Name::from_ascii(name).map_err(|error| error.to_string())?;
        name.set_fqdn(true);
        let client = self.client().map_err(said)?;
        match tokio::time::timeout(self.deadline, client.lookup(name, RecordType::CAA)).await {
            Err(_) => Err("the resolver does not answer".into()),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => Err(said(error)),
            // An alias leads to the records of its target (RFC 8659, 3).
            Ok(Ok(found)) => Ok(found
                .answers()
                .iter()
                .filter_map(|record| match &record.data {
                    RData::CAA(caa) => Some(caa::Record {
                        critical: caa.issuer_critical,
                        tag: caa.tag.clone(),
                        value: String::from_utf8_lossy(&caa.value).into_owned(),
                    }),
                    _ => None,
                })
                .collect()),
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
