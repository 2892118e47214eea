//! A name server that takes dynamic updates (RFC 2136), signed by a key that both know, over TCP.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    DnsError, TTL, Zone,
    tsig::{Key, Said, wire_name},
};
use crate::{
    domain::{clock::Clock, name::HostPort, outbound::Outbound},
    git::{
        GitError,
        cli::{Resolve, address},
    },
};

/// For one update, with its connection.
const PATIENCE: Duration = Duration::from_secs(10);
const PORT: u16 = 53;
const SOA: u16 = 6;
const TXT: u16 = 16;
const IN: u16 = 1;
const NONE: u16 = 254;

/// A primary name server.
pub(super) struct Server {
    pub(super) server: HostPort,
    pub(super) zone: String,
    pub(super) key: Key,
    pub(super) outbound: Outbound,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Server {
    /// One record that is added, or taken away.
    async fn update(&self, name: &str, value: &str, adds: bool) -> Result<(), DnsError> {
        let mut id = [0; 2];
        self.clock.fill(&mut id);
        let unfit = || DnsError::Unusable("the name cannot be written".to_owned());
        let mut message = message(id, &self.zone, name, value, adds).ok_or_else(unfit)?;
        let mac = self.key.sign(&mut message, self.clock.now().timestamp());
        let asked = tokio::time::timeout(PATIENCE, self.ask(&message)).await;
        let answer =
            asked.map_err(|_| DnsError::Unreachable("no whole answer within 10 seconds".to_owned()))??;
        let said = self.key.read(&answer, &message, &mac);
        judge(said.ok_or_else(|| DnsError::Unusable("it is no answer to an update".to_owned()))?, &self.zone)
    }

    async fn ask(&self, message: &[u8]) -> Result<Vec<u8>, DnsError> {
        let (host, port) = match self.server.as_str().rsplit_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(PORT)),
            None => (self.server.as_str(), PORT),
        };
        let found = address::checked(host, port, &self.outbound, &*self.resolver).await;
        let addresses = found.map_err(|error| match error {
            GitError::Refused { message, .. } => DnsError::NotAllowed(message),
            other => DnsError::Unreachable(other.to_string()),
        })?;
        let sockets: Vec<SocketAddr> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        let lost = |error: std::io::Error| DnsError::Unreachable(error.to_string());
        let mut stream = TcpStream::connect(&sockets[..]).await.map_err(lost)?;
        let size = u16::try_from(message.len()).unwrap_or(u16::MAX);
        stream.write_all(&[&size.to_be_bytes()[..], message].concat()).await.map_err(lost)?;
        // Two bytes of length: no answer is longer than 64 KiB.
        let mut answer = vec![0; usize::from(stream.read_u16().await.map_err(lost)?)];
        stream.read_exact(&mut answer).await.map_err(lost)?;
        Ok(answer)
    }
}

/// An update of one TXT record (RFC 2136, 2.5.1 and 2.5.4); nothing if a name is none.
fn message(id: [u8; 2], zone: &str, name: &str, value: &str, adds: bool) -> Option<Vec<u8>> {
    let (class, ttl) = if adds { (IN, TTL) } else { (NONE, 0) };
    let size = u8::try_from(value.len()).ok()?;
    let mut all = id.to_vec();
    // Operation 5; one zone, no prerequisites, one update, nothing besides.
    all.extend([0x28, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
    all.extend(wire_name(zone)?);
    all.extend([SOA.to_be_bytes(), IN.to_be_bytes()].concat());
    all.extend(wire_name(name)?);
    all.extend([TXT.to_be_bytes(), class.to_be_bytes()].concat());
    all.extend(ttl.to_be_bytes());
    all.extend((u16::from(size) + 1).to_be_bytes());
    all.push(size);
    all.extend(value.bytes());
    Some(all)
}

/// What an answer means (RFC 2136, 2.2; RFC 8945, 5.3).
fn judge(said: Said, zone: &str) -> Result<(), DnsError> {
    let denied = |words: &str| Err(DnsError::Denied(words.to_owned()));
    match (said.signature, said.code, said.proven) {
        (16, ..) => denied("BADSIG: the secret or the algorithm of the key is another one there"),
        (17, ..) => denied("BADKEY: it does not know the key's name"),
        (18, ..) => denied("BADTIME: its clock and ours differ by more than five minutes"),
        (0, 0, true) => Ok(()),
        (_, 0, _) => Err(DnsError::Unusable("it is not signed by the key".to_owned())),
        // Not the zone's server: what it does not know it does not sign.
        (_, 9, _) => Err(DnsError::NoZone(zone.to_owned())),
        (_, 10, _) => Err(DnsError::NoZone(zone.to_owned())),
        (_, 5, _) => denied("REFUSED: the key may not change this zone"),
        (_, 2, _) => Err(DnsError::Unreachable("SERVFAIL".to_owned())),
        (_, code, _) => Err(DnsError::Unusable(format!("code {code}"))),
    }
}

#[async_trait]
impl Zone for Server {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        self.update(name, value, true).await
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        self.update(name, value, false).await
    }
}
