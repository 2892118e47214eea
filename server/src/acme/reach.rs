//! Whether a CA that looked for a challenge would find us: one of our own is laid, and asked for
//! through the domain, before an order is spent.
//!
//! A no of ours is no proof: a machine behind NAT may not reach itself, and a CDN may let others
//! in. So it delays an order and never forbids it; [`super::schedule::patience`] says for how long.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use async_trait::async_trait;
use reqwest::redirect::Policy;

use super::{cdn, dns::Resolver};
use crate::domain::{domain_name::Hostname, outbound::Outbound};

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Our own answer came back through the domain.
    Reached,
    /// It cannot be judged from here, and why. Nothing speaks against an order.
    Unseen(String),
    /// Not at this moment, and why: nobody answers yet, or somebody else does.
    NotYet(String),
    /// The name's DNS speaks against it, and what to change.
    Elsewhere(String),
}

/// Why our answer did not come back from an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missed {
    /// No connection, or no answer in time.
    #[error("nothing answers there ({0})")]
    Silent(String),
    /// An answer that is not ours, with its status.
    #[error("what answers there is not this Skep (status {0})")]
    Other(u16),
    /// An answer of a delivery network, with its status.
    #[error("{1} answers there with status {0}")]
    Network(u16, &'static str),
}

/// Asks as a CA would.
#[async_trait]
pub trait Visitor: Send + Sync {
    /// `GET http://<host>/.well-known/acme-challenge/<token>` at exactly `address`, which must give
    /// `answer` and nothing else.
    async fn visit(&self, host: &Hostname, token: &str, answer: &str, address: IpAddr) -> Result<(), Missed>;
}

/// The real one. It follows no redirect and tells nobody what it read.
#[derive(Debug, Clone, Copy)]
pub struct HttpVisitor {
    /// Where the edge takes plain http: 80, as for every CA (RFC 8555, 8.3).
    pub port: u16,
    /// No answer within this is no answer.
    pub deadline: Duration,
}

impl Default for HttpVisitor {
    fn default() -> Self {
        Self { port: 80, deadline: Duration::from_secs(5) }
    }
}

#[async_trait]
impl Visitor for HttpVisitor {
    async fn visit(&self, host: &Hostname, token: &str, answer: &str, address: IpAddr) -> Result<(), Missed> {
        let silent = |error: reqwest::Error| {
            Missed::Silent(if error.is_timeout() { "no answer in time".into() } else { innermost(&error) })
        };
        // A client for one question: the name leads to this address and to no other.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(self.deadline)
            .resolve(host.as_str(), SocketAddr::new(address, self.port))
            .build()
            .map_err(silent)?;
        let url = format!("http://{host}/.well-known/acme-challenge/{token}");
        let mut got = client.get(url).send().await.map_err(silent)?;
        let status = got.status().as_u16();
        let network = cdn::behind(got.headers());
        let mut body = Vec::new();
        while body.len() <= answer.len() {
            match got.chunk().await.map_err(silent)? {
                Some(bytes) => body.extend_from_slice(&bytes),
                None => break,
            }
        }
        if status == 200 && body == answer.as_bytes() {
            return Ok(());
        }
        Err(network.map_or(Missed::Other(status), |network| Missed::Network(status, network)))
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// What a look needs to know.
pub struct Eyes<'a> {
    /// Where names are looked up.
    pub resolver: &'a dyn Resolver,
    /// Who asks.
    pub visitor: &'a dyn Visitor,
    /// Our own addresses, as far as they are known.
    pub ours: &'a [IpAddr],
    /// Which other addresses may be asked: the name is its owner's choice.
    pub outbound: &'a Outbound,
    /// The CA is a private one: it may know names that this machine's DNS does not.
    pub private_ca: bool,
}

impl Eyes<'_> {
    /// Looks for `answer`, which is laid already, at the challenge path of `host`.
    pub async fn look(&self, host: &Hostname, token: &str, answer: &str) -> Finding {
        let found = match self.resolver.addresses(host).await {
            Ok(found) if !found.is_empty() => found,
            Ok(_) if !self.private_ca => {
                return Finding::Elsewhere(format!(
                    "the name has no address yet: point its A record to {}",
                    self.us()
                ));
            }
            Ok(_) => {
                return self
                    .unresolved(host, token, answer, "this machine's DNS does not know the name")
                    .await;
            }
            Err(why) => {
                let note = format!("this machine cannot look the name up: {why}");
                return self.unresolved(host, token, answer, &note).await;
            }
        };
        self.resolved(host, token, answer, found).await
    }

    /// The name is not known here: then it is asked for at our own address, as if it led there.
    async fn unresolved(&self, host: &Hostname, token: &str, answer: &str, note: &str) -> Finding {
        for address in self.ours {
            if let Err(missed) = self.visitor.visit(host, token, answer, *address).await {
                return Finding::NotYet(at_home(*address, &missed));
            }
        }
        Finding::Unseen(note.to_owned())
    }

    async fn resolved(&self, host: &Hostname, token: &str, answer: &str, mut found: Vec<IpAddr>) -> Finding {
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST);
        let (mut reached, mut home, mut away, mut unasked) = (0, None, None, None);
        for address in found {
            let ours = self.ours.contains(&address);
            if !ours && !self.outbound.allows(address) && !self.knows_family(address) {
                continue;
            }
            if !ours && !self.outbound.allows(address) {
                unasked = Some(address);
                continue;
            }
            match self.visitor.visit(host, token, answer, address).await {
                Ok(()) => reached += 1,
                // Of a family of which we know no address of ours, silence says nothing: this machine may
                // not have it. An answer of somebody else does: a CA takes IPv6 first where there is any.
                Err(Missed::Silent(_)) if !self.knows_family(address) => {}
                Err(missed) if ours => home = Some((address, missed)),
                Err(missed) => away = Some((address, missed)),
            }
        }
        let us = self.us();
        match (away, unasked, home) {
            // Where nothing of ours is known, one address that is us is enough.
            _ if reached > 0 && self.ours.is_empty() => Finding::Reached,
            (Some((address, missed)), ..) if network(address, &missed).is_some() => {
                let network = network(address, &missed).unwrap_or_default();
                Finding::Elsewhere(format!(
                    "the name leads to {network} ({address}), which does not pass the question on ({missed}): {}",
                    cdn::switch(network)
                ))
            }
            (Some((address, missed)), ..) if self.ours.is_empty() || self.behind_nat() => {
                Finding::NotYet(format!(
                    "the name leads to {address}, and {missed}: see that port 80 there leads to this instance"
                ))
            }
            (Some((address, missed)), ..) => Finding::Elsewhere(format!(
                "the name leads to {address}, not to {us}, and {missed}: {}",
                self.mend(address)
            )),
            (None, Some(address), _) if self.ours.is_empty() => Finding::Unseen(format!(
                "the name leads to {address}, a private address that this instance does not know as its own"
            )),
            (None, Some(address), _) => Finding::Elsewhere(format!(
                "the name leads to {address}, not to {us}: {}",
                self.mend(address)
            )),
            (None, None, Some((address, missed))) => Finding::NotYet(at_home(address, &missed)),
            (None, None, None) if reached > 0 => Finding::Reached,
            (None, None, None) => Finding::Unseen(
                "the name has only addresses of a kind that this instance does not know of itself".to_owned(),
            ),
        }
    }

    /// Whether an address of ours is of that family, or nothing is known of any.
    fn knows_family(&self, address: IpAddr) -> bool {
        self.ours.is_empty() || self.ours.iter().any(|our| our.is_ipv4() == address.is_ipv4())
    }

    /// What to do about a record that leads elsewhere.
    fn mend(&self, address: IpAddr) -> String {
        let record = if address.is_ipv4() { "A" } else { "AAAA" };
        if self.knows_family(address) {
            return format!("change its {record} record");
        }
        format!(
            "remove its {record} record, as authorities ask there first and this instance has no such address"
        )
    }

    /// No address of ours is a public one: others know us by one that we do not know.
    fn behind_nat(&self) -> bool {
        let public = Outbound::default();
        !self.ours.iter().any(|our| public.allows(*our))
    }

    fn us(&self) -> String {
        if self.ours.is_empty() {
            return "this instance".to_owned();
        }
        let ours: Vec<String> = self.ours.iter().map(ToString::to_string).collect();
        format!("this instance ({})", ours.join(", "))
    }
}

/// The delivery network at an address, by the address or by its answer.
fn network(address: IpAddr, missed: &Missed) -> Option<&'static str> {
    match missed {
        Missed::Network(_, network) => Some(network),
        Missed::Silent(_) | Missed::Other(_) => cdn::at(address),
    }
}

/// Addresses of one name that are asked at most.
const MOST: usize = 8;

fn at_home(address: IpAddr, missed: &Missed) -> String {
    match missed {
        Missed::Silent(why) => {
            format!(
                "Skep's edge does not answer at {address}, port 80 ({why}): it may be starting; else see that nothing keeps port 80 from it"
            )
        }
        Missed::Other(status) | Missed::Network(status, _) => {
            format!(
                "port 80 of {address} does not give Skep's answer (status {status}): its edge may be starting; else see that no other program has port 80"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acme::fake::FakeVisitor;

    /// A resolver that always says the same.
    struct Says(Result<Vec<&'static str>, &'static str>);

    #[async_trait]
    impl Resolver for Says {
        async fn addresses(&self, _: &Hostname) -> Result<Vec<IpAddr>, String> {
            self.0.clone().map(|all| all.iter().map(|a| a.parse().unwrap()).collect()).map_err(str::to_owned)
        }
    }

    const HOME: &str = "8.8.4.4";

    async fn look(
        says: Result<Vec<&'static str>, &'static str>,
        ours: &[&str],
        visitor: &FakeVisitor,
        private_ca: bool,
    ) -> Finding {
        let ours: Vec<IpAddr> = ours.iter().map(|a| a.parse().unwrap()).collect();
        let (resolver, outbound) = (Says(says), Outbound::default());
        let eyes = Eyes { resolver: &resolver, visitor, ours: &ours, outbound: &outbound, private_ca };
        eyes.look(&Hostname::parse("a.example.org").unwrap(), "token", "answer").await
    }

    #[tokio::test]
    async fn what_answers_for_us_is_reached() {
        let visitor = FakeVisitor::well();
        assert_eq!(look(Ok(vec![HOME]), &[HOME], &visitor, false).await, Finding::Reached);
        assert_eq!(look(Ok(vec!["1.1.1.1"]), &[HOME], &visitor, false).await, Finding::Reached, "a CDN");
        assert_eq!(look(Ok(vec!["1.1.1.1"]), &["10.0.0.5"], &visitor, false).await, Finding::Reached, "NAT");
        assert_eq!(look(Ok(vec!["1.1.1.1"]), &[], &visitor, false).await, Finding::Reached);
    }

    #[tokio::test]
    async fn an_edge_that_does_not_answer_is_waited_for() {
        let visitor = FakeVisitor::saying(Err(Missed::Silent("connection refused".into())));
        let Finding::NotYet(why) = look(Ok(vec![HOME]), &[HOME], &visitor, false).await else { panic!() };
        assert!(why.contains(HOME) && why.contains("connection refused"), "{why}");
        let visitor = FakeVisitor::saying(Err(Missed::Other(404)));
        let Finding::NotYet(why) = look(Ok(vec![HOME]), &[HOME], &visitor, false).await else { panic!() };
        assert!(why.contains("404"), "{why}");
    }

    #[tokio::test]
    async fn case_096_a_name_that_leads_elsewhere_is_told_so() {
        let visitor = FakeVisitor::saying(Err(Missed::Other(200)));
        let Finding::Elsewhere(why) = look(Ok(vec!["1.1.1.1"]), &[HOME], &visitor, false).await else {
            panic!()
        };
        assert!(why.contains("1.1.1.1") && why.contains(HOME) && why.contains("A record"), "{why}");
        let Finding::Elsewhere(why) = look(Ok(vec![]), &[HOME], &visitor, false).await else { panic!() };
        assert!(why.contains("no address") && why.contains(HOME), "{why}");
        // Ours and another one: the CA may take either.
        let both = look(Ok(vec![HOME, "1.1.1.1"]), &[HOME], &visitor, false).await;
        assert!(matches!(both, Finding::Elsewhere(_)), "{both:?}");
    }

    #[tokio::test]
    async fn case_096_a_wrong_aaaa_beside_a_right_a() {
        let v6 = "2001:4860:4860::8888";
        let other = || FakeVisitor::each([Ok(()), Err(Missed::Other(404))]);
        let Finding::Elsewhere(why) = look(Ok(vec![HOME, v6]), &[HOME], &other(), false).await else {
            panic!()
        };
        assert!(why.contains(v6) && why.contains("remove its AAAA record"), "{why}");
        // Where this machine has no IPv6 nothing can be said.
        let silent = FakeVisitor::each([Ok(()), Err(Missed::Silent("no route".into()))]);
        assert_eq!(look(Ok(vec![HOME, v6]), &[HOME], &silent, false).await, Finding::Reached);
        let ours = [HOME, "2001:4860:4860::8844"];
        let Finding::Elsewhere(why) = look(Ok(vec![HOME, v6]), &ours, &other(), false).await else {
            panic!()
        };
        assert!(why.contains("change its AAAA record"), "{why}");
    }

    #[tokio::test]
    async fn case_096_a_delivery_network_in_between_is_named_with_its_switch() {
        let refuses = FakeVisitor::saying(Err(Missed::Other(403)));
        let Finding::Elsewhere(why) = look(Ok(vec!["104.16.1.1"]), &[HOME], &refuses, false).await else {
            panic!()
        };
        assert!(why.contains("Cloudflare") && why.contains("DNS only"), "{why}");
        let by_answer = FakeVisitor::saying(Err(Missed::Network(502, "Fastly")));
        let Finding::Elsewhere(why) = look(Ok(vec!["1.1.1.1"]), &[HOME], &by_answer, false).await else {
            panic!()
        };
        assert!(why.contains("Fastly") && why.contains("502"), "{why}");
    }

    #[tokio::test]
    async fn case_041_a_private_address_is_not_asked_unless_it_is_ours() {
        let visitor = FakeVisitor::well();
        for private in ["127.0.0.1", "10.0.0.9", "169.254.169.254"] {
            let finding = look(Ok(vec![private]), &[HOME], &visitor, false).await;
            assert!(matches!(finding, Finding::Elsewhere(_)), "{private}: {finding:?}");
            assert!(matches!(look(Ok(vec![private]), &[], &visitor, false).await, Finding::Unseen(_)));
        }
        assert_eq!(visitor.visits(), Vec::<IpAddr>::new());
        assert_eq!(look(Ok(vec!["10.0.0.9"]), &["10.0.0.9"], &visitor, false).await, Finding::Reached);
    }

    #[tokio::test]
    async fn behind_nat_a_silent_public_address_may_still_be_us() {
        let visitor = FakeVisitor::saying(Err(Missed::Silent("no answer in time".into())));
        let finding = look(Ok(vec!["1.1.1.1"]), &["192.168.1.4"], &visitor, false).await;
        assert!(matches!(finding, Finding::NotYet(_)), "{finding:?}");
    }

    #[tokio::test]
    async fn a_name_that_this_machine_cannot_look_up_is_asked_for_at_home() {
        let well = FakeVisitor::well();
        let Finding::Unseen(note) = look(Err("try again"), &[HOME], &well, false).await else { panic!() };
        assert!(note.contains("try again"), "{note}");
        assert_eq!(well.visits(), [HOME.parse::<IpAddr>().unwrap()]);
        assert!(matches!(look(Err("try again"), &[], &well, false).await, Finding::Unseen(_)));
        assert!(matches!(look(Ok(vec![]), &[HOME], &well, true).await, Finding::Unseen(_)), "a private CA");
        let silent = FakeVisitor::saying(Err(Missed::Silent("refused".into())));
        assert!(matches!(look(Err("try again"), &[HOME], &silent, false).await, Finding::NotYet(_)));
    }

    #[tokio::test]
    async fn the_visitor_takes_our_answer_and_no_other() {
        use axum::{Router, response::Redirect, routing::get};
        let app = Router::new()
            .route("/.well-known/acme-challenge/right", get(async || "answer"))
            .route("/.well-known/acme-challenge/longer", get(async || "answer and more"))
            .route(
                "/.well-known/acme-challenge/led",
                get(async || Redirect::permanent("/.well-known/acme-challenge/right")),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let host = Hostname::parse("a.example.org").unwrap();
        let visitor = HttpVisitor { port, ..HttpVisitor::default() };
        let home = "127.0.0.1".parse().unwrap();
        assert_eq!(visitor.visit(&host, "right", "answer", home).await, Ok(()));
        assert_eq!(visitor.visit(&host, "longer", "answer", home).await, Err(Missed::Other(200)));
        assert_eq!(visitor.visit(&host, "none", "answer", home).await, Err(Missed::Other(404)));
        assert_eq!(visitor.visit(&host, "led", "answer", home).await, Err(Missed::Other(308)));
        server.abort();
        let _ = server.await;
        assert!(matches!(visitor.visit(&host, "right", "answer", home).await, Err(Missed::Silent(_))));
        // Somebody who takes the call and says nothing.
        let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let visitor =
            HttpVisitor { port: mute.local_addr().unwrap().port(), deadline: Duration::from_millis(200) };
        let missed = visitor.visit(&host, "right", "answer", home).await;
        assert_eq!(missed, Err(Missed::Silent("no answer in time".into())));
    }
}
