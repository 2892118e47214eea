//! What a name says in the DNS of the world, as far as a proof of it needs that: where it leads, which servers
//! are its own, and what TXT each of them gives.
//!
//! The servers of the zone are asked, one by one, as an authority does: this machine's own resolver may go on
//! saying for an hour that there is nothing. It is asked only for aliases and servers. Those servers are what
//! the name's owner says they are, so the outbound rule decides whether they may be asked.

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

use crate::domain::outbound::Outbound;

/// Aliases that are followed.
const ALIASES: usize = 8;
/// Servers of a zone that are asked.
const SERVERS: usize = 8;

/// The servers of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities {
    /// The zone's name.
    pub zone: String,
    /// Their addresses.
    pub servers: Vec<SocketAddr>,
}

/// Who asks the DNS.
#[async_trait]
pub trait Look: Send + Sync {
    /// Where a name leads by aliases (CNAME): itself, if it is none. An error is no answer.
    async fn target(&self, name: &str) -> Result<String, String>;

    /// The servers of the zone in which `name` lies. An error is no answer.
    async fn authorities(&self, name: &str) -> Result<Authorities, String>;

    /// What TXT values `server` gives for `name`; empty if there are none. An error is no answer.
    async fn txt(&self, server: SocketAddr, name: &str) -> Result<Vec<String>, String>;
}

/// The real one.
#[derive(Debug, Clone)]
pub struct SystemLook {
    /// No answer within this is no answer.
    pub deadline: Duration,
    /// Who is asked for aliases and servers; the machine's own name servers unless given.
    pub server: Option<SocketAddr>,
    /// Where the servers of zones listen: 53.
    pub port: u16,
    /// Which of them may be asked.
    pub outbound: Outbound,
}

impl SystemLook {
    /// By the machine's own name servers.
    #[must_use]
    pub const fn new(outbound: Outbound) -> Self {
        Self { deadline: Duration::from_secs(5), server: None, port: 53, outbound }
    }

    /// A client for one question.
    fn client(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
        let mut builder = match server {
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
        let options = builder.options_mut();
        options.cache_size = 0;
        options.attempts = 2;
        builder.build()
    }

    async fn ask(
        &self,
        server: Option<SocketAddr>,
        name: &str,
        kind: RecordType,
    ) -> Result<Vec<RData>, String> {
        let said = |error: NetError| format!("the name server answers: {error}");
        let mut name = Name::from_ascii(name).map_err(|error| error.to_string())?;
        name.set_fqdn(true);
        let client = Self::client(server).map_err(said)?;
        match tokio::time::timeout(self.deadline, client.lookup(name, kind)).await {
            Err(_) => Err("the name server does not answer".to_owned()),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => Err(said(error)),
            Ok(Ok(found)) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
        }
    }

    async fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let mut found = Vec::new();
        for kind in [RecordType::A, RecordType::AAAA] {
            for data in self.ask(self.server, name, kind).await.unwrap_or_default() {
                match data {
                    RData::A(address) => found.push(IpAddr::V4(address.0)),
                    RData::AAAA(address) => found.push(IpAddr::V6(address.0)),
                    _ => {}
                }
            }
        }
        found
    }
}

#[async_trait]
impl Look for SystemLook {
    async fn target(&self, name: &str) -> Result<String, String> {
        let mut name = name.to_owned();
        for _ in 0..ALIASES {
            let found = self.ask(self.server, &name, RecordType::CNAME).await?;
            let next = found.into_iter().find_map(|data| match data {
                RData::CNAME(to) => Some(to.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
                _ => None,
            });
            match next {
                Some(next) => name = next,
                None => return Ok(name),
            }
        }
        Err(format!("more than {ALIASES} aliases (CNAME) follow one another from {name}"))
    }

    async fn authorities(&self, name: &str) -> Result<Authorities, String> {
        let mut zone = name;
        let servers = loop {
            let found = self.ask(self.server, zone, RecordType::NS).await?;
            let names = found.into_iter().filter_map(|data| match data {
                RData::NS(server) => Some(server.0.to_ascii()),
                _ => None,
            });
            let names: Vec<String> = names.take(SERVERS).collect();
            if !names.is_empty() {
                break names;
            }
            let up = zone.split_once('.').map(|(_, rest)| rest).filter(|rest| rest.contains('.'));
            zone = up.ok_or_else(|| format!("no name servers are known for {name}"))?;
        };
        let mut addresses = Vec::new();
        for server in &servers {
            // One address of each: they say the same.
            let usable =
                self.addresses(server).await.into_iter().find(|address| self.outbound.allows(*address));
            addresses.extend(usable.map(|address| SocketAddr::new(address, self.port)));
        }
        if addresses.is_empty() {
            return Err(format!("none of the name servers of {zone} has an address that may be asked"));
        }
        Ok(Authorities { zone: zone.to_owned(), servers: addresses })
    }

    async fn txt(&self, server: SocketAddr, name: &str) -> Result<Vec<String>, String> {
        let found = self.ask(Some(server), name, RecordType::TXT).await?;
        let text = |data: RData| match data {
            RData::TXT(txt) => Some(txt.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()),
            _ => None,
        };
        Ok(found.into_iter().filter_map(text).collect())
    }
}
