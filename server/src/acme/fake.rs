//! A CA for tests, and one who visits for it, deterministic from a seed. It misbehaves unless it is told not to: it is slow,
//! limits rates, does not reach the host, is down, takes the challenge and then fails.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use super::{
    Account, AcmeError, Challenges, Directory, External, Issued, Issuer, Kind, Meta, Window, Wish,
    reach::{Missed, Visitor},
};
use crate::domain::{
    clock::{Clock, Time},
    domain_name::Hostname,
    host_pattern::HostPattern,
    name::Email,
    secret::Secret,
};

/// Issues self-made certificates.
pub struct FakeIssuer {
    clock: Arc<dyn Clock>,
    seed: Mutex<u64>,
    well: bool,
    reaches: bool,
    lifetime: chrono::Duration,
    /// When it would like to renew.
    window: Mutex<Option<Window>>,
    /// Directories that are not there, by a part of their address.
    down: Vec<String>,
    /// Hosts of every order, in order, also of those that failed.
    orders: Mutex<Vec<HostPattern>>,
}

impl FakeIssuer {
    /// One that fails in about half of all calls.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let lifetime = chrono::Duration::days(90);
        Self {
            clock,
            seed: Mutex::new(seed),
            well: false,
            reaches: true,
            lifetime,
            window: Mutex::default(),
            down: Vec::new(),
            orders: Mutex::default(),
        }
    }

    /// One that does as it should.
    #[must_use]
    pub fn well(clock: Arc<dyn Clock>) -> Self {
        Self { well: true, ..Self::new(clock, 0) }
    }

    /// One that never reaches the host.
    #[must_use]
    pub fn refusing(clock: Arc<dyn Clock>) -> Self {
        Self { reaches: false, ..Self::well(clock) }
    }

    /// With certificates that live so long; 90 days unless told otherwise.
    #[must_use]
    pub fn living(self, lifetime: chrono::Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// One whose directory at this address does not answer; others do.
    #[must_use]
    pub fn down_at(self, address: &str) -> Self {
        Self { down: vec![address.to_owned()], ..self }
    }

    /// From now on it would like to renew then.
    pub fn would_like(&self, window: Option<Window>) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = window;
    }

    /// The hosts of all orders so far.
    #[must_use]
    pub fn orders(&self) -> Vec<HostPattern> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next number (SplitMix64), below `bound`.
    fn draw(&self, bound: u64) -> u64 {
        let mut seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
        *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    /// What goes wrong this time, before or after the challenge was laid out.
    async fn misfortune(&self) -> Option<AcmeError> {
        if self.well {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(self.draw(5))).await;
        let error = |kind, name: &str, words: &str| AcmeError {
            problem: Some(format!("urn:ietf:params:acme:error:{name}")),
            ..AcmeError::new(kind, words)
        };
        match self.draw(16) {
            0 => Some(AcmeError::new(Kind::Unreachable, "the CA cannot be reached: connection refused")),
            1 => Some(AcmeError {
                retry_after: Some(self.clock.now() + chrono::Duration::minutes(30)),
                ..error(Kind::RateLimited, "rateLimited", "too many failed authorizations recently")
            }),
            2 => Some(error(Kind::Connection, "connection", "Fetching http://…: Connection refused")),
            3 => Some(error(Kind::Dns, "dns", "DNS problem: SERVFAIL looking up A")),
            4 => Some(AcmeError::new(Kind::Timeout, "the CA was not done within 180 seconds")),
            _ => None,
        }
    }

    fn certificate(&self, host: &HostPattern) -> Result<Issued, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![host.as_str().to_owned()])?;
        params.distinguished_name = DistinguishedName::new();
        let now = self.clock.now();
        let cut = |at: Time| Time::from_timestamp(at.timestamp(), 0).unwrap_or(at);
        let (from, until) = (cut(now), cut(now + self.lifetime));
        let offset = |at: Time| Duration::from_secs(at.timestamp().unsigned_abs());
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        (params.not_before, params.not_after) = (epoch + offset(from), epoch + offset(until));
        let chain = params.self_signed(&key)?.pem();
        Ok(Issued { chain, key: Secret::new(key.serialize_pem()), not_before: from, not_after: until })
    }
}

#[async_trait]
impl Issuer for FakeIssuer {
    async fn meta(&self, _: &Directory) -> Result<Meta, AcmeError> {
        let meta = Meta {
            terms: Some("https://ca.example.org/terms".to_owned()),
            caa_identities: vec!["ca.example.org".to_owned()],
            ..Meta::default()
        };
        self.misfortune().await.map_or(Ok(meta), Err)
    }

    async fn register(
        &self,
        directory: &Directory,
        _: Option<&Email>,
        _: Option<&External>,
    ) -> Result<Account, AcmeError> {
        let account = Account(Secret::new(format!("{{\"directory\":\"{directory}\"}}")));
        self.misfortune().await.map_or(Ok(account), Err)
    }

    async fn window(&self, _: &Directory, _: &str) -> Result<Option<Window>, AcmeError> {
        self.misfortune()
            .await
            .map_or(Ok(self.window.lock().unwrap_or_else(PoisonError::into_inner).clone()), Err)
    }

    async fn issue(
        &self,
        account: &Account,
        host: &HostPattern,
        _: &Wish,
        challenges: &dyn Challenges,
    ) -> Result<Issued, AcmeError> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).push(host.clone());
        if let Some(error) = self.down.iter().find(|at| account.0.expose().contains(at.as_str())) {
            return Err(AcmeError::new(Kind::Unreachable, format!("the CA cannot be reached: {error}")));
        }
        if !self.reaches {
            return Err(AcmeError {
                problem: Some("urn:ietf:params:acme:error:connection".to_owned()),
                ..AcmeError::new(Kind::Connection, "Fetching http://…: Connection refused")
            });
        }
        if let Some(error) = self.misfortune().await {
            return Err(error);
        }
        let token = self.clock.token();
        let expires = self.clock.now() + chrono::Duration::minutes(10);
        let broken = |why| AcmeError::new(Kind::Challenges, why);
        if let Err(why) = challenges.put(&token, &format!("{token}.fake"), host, expires).await {
            drop(challenges.remove(&token).await);
            return Err(broken(why));
        }
        let late = self.misfortune().await;
        challenges.remove(&token).await.map_err(broken)?;
        match late {
            Some(error) => Err(error),
            None => self.certificate(host).map_err(|e| AcmeError::new(Kind::Refused, e.to_string())),
        }
    }
}

/// Challenges in memory.
#[derive(Debug, Default)]
pub struct MemoryChallenges(Mutex<BTreeMap<String, String>>);

impl MemoryChallenges {
    /// What `GET …/<token>` answers.
    #[must_use]
    pub fn answer(&self, token: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[async_trait]
impl Challenges for MemoryChallenges {
    async fn put(
        &self,
        token: &str,
        key_authorization: &str,
        _: &HostPattern,
        _: Time,
    ) -> Result<(), String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(token.to_owned(), key_authorization.to_owned());
        Ok(())
    }

    async fn remove(&self, token: &str) -> Result<(), String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        Ok(())
    }
}

/// Visits nobody, and says what it was told to say: each in turn, and the last one for ever.
#[derive(Debug)]
pub struct FakeVisitor {
    says: Mutex<VecDeque<Result<(), Missed>>>,
    visits: Mutex<Vec<IpAddr>>,
}

impl FakeVisitor {
    /// As an edge that starts while it is asked: silent, then without routes, then well.
    #[must_use]
    pub fn starting() -> Self {
        let refused = || Err(Missed::Silent("connection refused".to_owned()));
        Self::each([refused(), Err(Missed::Other(404)), Ok(())])
    }

    /// One that always sees our answer.
    #[must_use]
    pub fn well() -> Self {
        Self::saying(Ok(()))
    }

    /// One that always says the same.
    #[must_use]
    pub fn saying(said: Result<(), Missed>) -> Self {
        Self::each([said])
    }

    /// One that says these.
    #[must_use]
    pub fn each(says: impl IntoIterator<Item = Result<(), Missed>>) -> Self {
        Self { says: Mutex::new(says.into_iter().collect()), visits: Mutex::default() }
    }

    /// The addresses of all visits so far.
    #[must_use]
    pub fn visits(&self) -> Vec<IpAddr> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Visitor for FakeVisitor {
    async fn visit(&self, _: &Hostname, _: &str, _: &str, address: IpAddr) -> Result<(), Missed> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner).push(address);
        let mut says = self.says.lock().unwrap_or_else(PoisonError::into_inner);
        let last = says.len() <= 1;
        let said = if last { says.front().cloned() } else { says.pop_front() };
        said.unwrap_or(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{acme::certificate, domain::clock::MockClock};

    fn clock() -> Arc<MockClock> {
        Arc::new(MockClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()))
    }

    #[tokio::test]
    async fn it_misbehaves_by_default_and_the_same_way_each_time() {
        let host = HostPattern::parse("a.example.org").unwrap();
        let mut runs = Vec::new();
        for _ in 0..2 {
            let (issuer, challenges) = (FakeIssuer::new(clock(), 7), MemoryChallenges::default());
            let account = Account(Secret::new("{}"));
            let mut kinds = Vec::new();
            for _ in 0..60 {
                kinds.push(
                    issuer
                        .issue(&account, &host, &Wish::default(), &challenges)
                        .await
                        .err()
                        .map(|e| e.kind.name()),
                );
            }
            assert_eq!(challenges.open(), 0, "it leaves nothing behind");
            assert_eq!(issuer.orders().len(), 60);
            runs.push(kinds);
        }
        assert_eq!(runs[0], runs[1]);
        for kind in [
            None,
            Some("unreachable"),
            Some("rate_limited"),
            Some("connection"),
            Some("dns"),
            Some("timeout"),
        ] {
            assert!(runs[0].contains(&kind), "{kind:?} never came");
        }
    }

    #[tokio::test]
    async fn what_it_issues_is_a_certificate() {
        let clock = clock();
        let host = HostPattern::parse("a.example.org").unwrap();
        let issuer = FakeIssuer::well(clock.clone());
        let issued = issuer
            .issue(&Account(Secret::new("{}")), &host, &Wish::default(), &MemoryChallenges::default())
            .await
            .unwrap();
        let facts = certificate::check(&issued.chain, &issued.key, &[host], clock.now()).unwrap();
        assert_eq!((facts.not_before, facts.not_after), (issued.not_before, issued.not_after));
        assert_eq!(issued.not_after - issued.not_before, chrono::Duration::days(90));
    }
}
