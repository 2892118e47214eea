//! A DNS in memory that misbehaves as real ones do: it is slow to say what it was told, has a fault after it
//! did what it was asked, refuses, and knows no such zone.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Authorities, Dns, DnsError, Look, Zone};
use crate::domain::{dns_provider::Settings, domain_name::Hostname, store::Login};

/// How the providers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    /// They do what they are asked.
    #[default]
    Calm,
    /// A value is seen only after so many looks at it.
    Slow(u32),
    /// A value is never seen.
    Deaf,
    /// They have a fault, and did nothing.
    Failing,
    /// They did what they were asked, and then have a fault.
    Late,
    /// They take no credentials.
    Refusing,
    /// They serve another zone.
    Elsewhere,
}

#[derive(Default)]
struct State {
    mood: Mood,
    values: BTreeMap<String, BTreeSet<String>>,
    looks: BTreeMap<String, u32>,
    aliases: BTreeMap<String, String>,
    puts: Vec<(String, String)>,
}

/// All providers and all names, in memory.
#[derive(Clone, Default)]
pub struct FakeDns(Arc<Mutex<State>>);

impl FakeDns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How they are from now on.
    pub fn be(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Makes a name an alias of another.
    pub fn alias(&self, name: &str, to: &str) {
        self.state().aliases.insert(name.to_owned(), to.to_owned());
    }

    /// Puts a value as somebody else does, by hand.
    pub fn add(&self, name: &str, value: &str) {
        self.state().values.entry(name.to_owned()).or_default().insert(value.to_owned());
    }

    /// The values of a name.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        self.state().values.get(name).into_iter().flatten().cloned().collect()
    }

    /// Every name and value that was ever put, in order.
    #[must_use]
    pub fn puts(&self) -> Vec<(String, String)> {
        self.state().puts.clone()
    }
}

impl Dns for FakeDns {
    fn open(&self, _: &Settings, zone: &Hostname, _: Login) -> Result<Box<dyn Zone>, DnsError> {
        Ok(Box::new(FakeZone { dns: self.clone(), zone: zone.as_str().to_owned() }))
    }
}

struct FakeZone {
    dns: FakeDns,
    zone: String,
}

impl FakeZone {
    fn change(&self, name: &str, change: impl FnOnce(&mut BTreeSet<String>)) -> Result<(), DnsError> {
        let mut state = self.dns.state();
        let fault = || DnsError::Unreachable("500 Internal Server Error".to_owned());
        match state.mood {
            Mood::Failing => return Err(fault()),
            Mood::Refusing => return Err(DnsError::Denied("403 Forbidden: invalid token".to_owned())),
            Mood::Elsewhere => return Err(DnsError::NoZone(self.zone.clone())),
            Mood::Calm | Mood::Slow(_) | Mood::Deaf | Mood::Late => {}
        }
        if !name.ends_with(&self.zone) {
            return Err(DnsError::NoZone(self.zone.clone()));
        }
        change(state.values.entry(name.to_owned()).or_default());
        if state.mood == Mood::Late { Err(fault()) } else { Ok(()) }
    }
}

#[async_trait]
impl Zone for FakeZone {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        self.dns.state().puts.push((name.to_owned(), value.to_owned()));
        self.change(name, |values| {
            values.insert(value.to_owned());
        })
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        self.change(name, |values| {
            values.remove(value);
        })
    }
}

#[async_trait]
impl Look for FakeDns {
    async fn target(&self, name: &str) -> Result<String, String> {
        Ok(self.state().aliases.get(name).cloned().unwrap_or_else(|| name.to_owned()))
    }

    async fn authorities(&self, name: &str) -> Result<Authorities, String> {
        let zone = name.rsplitn(3, '.').take(2).collect::<Vec<_>>();
        let zone = format!("{}.{}", zone.last().unwrap_or(&""), zone.first().unwrap_or(&""));
        Ok(Authorities { zone, servers: vec![([192, 0, 2, 53], 53).into(), ([192, 0, 2, 54], 53).into()] })
    }

    async fn txt(&self, server: SocketAddr, name: &str) -> Result<Vec<String>, String> {
        let mut state = self.state();
        // The second server is told by the first, later.
        let second = server.ip().to_string().ends_with(".54");
        let looks = state.looks.entry(name.to_owned()).or_default();
        *looks += u32::from(second);
        let seen = match (*looks, state.mood) {
            (looks, Mood::Slow(wait)) => !second || looks > wait,
            (_, Mood::Deaf) => false,
            _ => true,
        };
        Ok(state.values.get(name).filter(|_| seen).into_iter().flatten().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_other_values_and_misbehaves_where_told() {
        let dns = FakeDns::default();
        let zone = Hostname::parse("example.org").unwrap();
        let settings: Settings = serde_json::from_str(r#"{"kind": "cloudflare"}"#).unwrap();
        let open = dns.open(&settings, &zone, Login::new("", "t").unwrap()).unwrap();
        open.put("_a.example.org", "1").await.unwrap();
        open.put("_a.example.org", "2").await.unwrap();
        open.put("_a.example.org", "2").await.unwrap();
        open.remove("_a.example.org", "1").await.unwrap();
        open.remove("_a.example.org", "1").await.unwrap();
        assert_eq!(dns.values("_a.example.org"), ["2"]);
        assert!(matches!(open.put("_a.example.net", "1").await, Err(DnsError::NoZone(_))));
        dns.be(Mood::Late);
        assert!(open.put("_a.example.org", "3").await.is_err());
        assert_eq!(dns.values("_a.example.org"), ["2", "3"], "it was done all the same");
        dns.be(Mood::Failing);
        assert!(open.put("_a.example.org", "4").await.is_err());
        assert_eq!(dns.values("_a.example.org"), ["2", "3"]);
    }

    #[tokio::test]
    async fn a_slow_one_says_it_at_its_second_server_last() {
        let dns = FakeDns::default();
        dns.be(Mood::Slow(2));
        dns.add("_a.example.org", "1");
        let servers = dns.authorities("_a.example.org").await.unwrap();
        assert_eq!((servers.zone.as_str(), servers.servers.len()), ("example.org", 2));
        let mut seen = Vec::new();
        for _ in 0..3 {
            assert_eq!(dns.txt(servers.servers[0], "_a.example.org").await.unwrap(), ["1"]);
            seen.push(dns.txt(servers.servers[1], "_a.example.org").await.unwrap().len());
        }
        assert_eq!(seen, [0, 0, 1]);
    }
}
