//! Certificates from a real CA: Pebble asks for our answer through Traefik, as Let's Encrypt would.

use std::{net::IpAddr, sync::Arc, time::Duration};

use serde_json::json;
use skep::{
    acme::{
        Account, AcmeError, AcmeIssuer, Challenges, Directory, HttpVisitor, Issued, Issuer, Kind,
        Visitor as _, Wish, caa,
        dns::{Resolver, SystemResolver},
        reach::{Eyes, Finding, Missed},
        renew_at,
    },
    domain::{
        clock::{Clock as _, SystemClock},
        domain_name::Hostname,
        host_pattern::HostPattern,
        id::CertificateId,
        name::Email,
        outbound::Outbound,
        secret::Secret,
    },
    edge::Certificate,
};
use skep_tests::parts::pebble::Pebble;

use crate::stage::{App, Stage, route};

struct World {
    stage: Stage,
    pebble: Pebble,
    issuer: AcmeIssuer,
    directory: Directory,
}

impl World {
    async fn start() -> Self {
        let stage = Stage::start().await;
        let pebble = Pebble::start(stage.traefik.web.port(), 50).await;
        stage.publish(stage.input(Vec::new())).await;
        let issuer = AcmeIssuer::new(Arc::new(SystemClock), Some(&pebble.ca_file())).unwrap();
        let issuer = issuer.within(Duration::from_secs(30));
        let directory = Directory::parse(&pebble.directory()).unwrap();
        Self { stage, pebble, issuer, directory }
    }

    async fn account(&self) -> Account {
        let email = Email::parse("ops@example.org").unwrap();
        self.issuer.register(&self.directory, Some(&email), None).await.unwrap()
    }

    async fn issue(&self, account: &Account, host: &str) -> Result<Issued, AcmeError> {
        let host = HostPattern::parse(host).unwrap();
        let issued = self.issuer.issue(account, &host, &Wish::default(), &*self.stage.skep).await;
        if issued.as_ref().is_err_and(|error| error.kind == Kind::Timeout) {
            println!("{}", self.pebble.output());
        }
        assert_eq!(self.stage.skep.challenges.open(), 0, "no challenge is left behind");
        issued
    }
}

#[tokio::test]
async fn a_certificate_is_issued_served_and_renewed_by_the_stored_account() {
    let world = World::start().await;
    let terms = world.issuer.meta(&world.directory).await.unwrap().terms;
    assert!(terms.clone().is_some_and(|terms| terms.contains("wilt")), "{terms:?}");
    let account = world.account().await;
    assert!(!format!("{account:?}").contains("key"), "an account is not shown");

    let app = App::start("shop").await;
    let mut serials = Vec::new();
    for round in ["first", "renewed"] {
        // The account as it comes back from storage.
        let stored = Account(Secret::new(account.0.expose()));
        let issued = world.issue(&stored, "shop.example.org").await.unwrap();
        let now = SystemClock.now();
        assert!(issued.not_before <= now && now < renew_at(issued.not_before, issued.not_after));
        assert!(issued.key.expose().contains("BEGIN PRIVATE KEY"));
        assert!(!format!("{issued:?}").contains("PRIVATE KEY"));
        let mut input = world.stage.input(vec![route("shop.example.org", "/", &[app.address])]);
        input.certificates = vec![Certificate {
            id: CertificateId::new(&SystemClock),
            hosts: vec![HostPattern::parse("shop.example.org").unwrap()],
            chain: issued.chain.clone(),
            key: issued.key,
        }];
        let root = world.pebble.root().await;
        world.stage.publish(input).await;
        let client = world.stage.traefik.client(&["shop.example.org"], Some(&root));
        let answer = client.get(world.stage.traefik.https("shop.example.org", "/")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{round}");
        serials.push(issued.chain);
    }
    assert_ne!(serials[0], serials[1]);
}

#[tokio::test]
async fn our_own_answer_comes_back_once_traefik_reads_our_routes() {
    let stage = Stage::start().await;
    let port = stage.traefik.web.port();
    let pebble = Pebble::start(port, 0).await;
    let visitor = HttpVisitor { port, ..HttpVisitor::default() };
    let home = [IpAddr::from([127, 0, 0, 1])];
    let eyes = Eyes {
        resolver: &Nowhere,
        visitor: &visitor,
        ours: &home,
        outbound: &Outbound::default(),
        private_ca: true,
    };
    let host = HostPattern::parse("shop.example.org").unwrap();
    let name = host.exact().unwrap();
    let expires = SystemClock.now() + chrono::Duration::minutes(5);
    stage.skep.challenges.put("a-token-of-our-own", "our answer", &host, expires).await.unwrap();

    let Finding::NotYet(why) = eyes.look(&name, "a-token-of-our-own", "our answer").await else { panic!() };
    assert!(why.contains("404"), "Traefik runs and has read nothing yet: {why}");
    stage.publish(stage.input(Vec::new())).await;
    let Finding::Unseen(note) = eyes.look(&name, "a-token-of-our-own", "our answer").await else { panic!() };
    assert!(note.contains("does not know the name"), "{note}");
    let other = eyes.look(&name, "a-token-of-our-own", "another answer").await;
    assert!(matches!(other, Finding::NotYet(_)), "{other:?}");

    // What the look says is what the CA finds.
    let issuer = AcmeIssuer::new(Arc::new(SystemClock), Some(&pebble.ca_file())).unwrap();
    let directory = Directory::parse(&pebble.directory()).unwrap();
    let account = issuer.register(&directory, None, None).await.unwrap();
    issuer.issue(&account, &host, &Wish::default(), &*stage.skep).await.unwrap();

    let address = stage.traefik.web;
    drop(stage);
    let gone = visitor.visit(&name, "a-token-of-our-own", "our answer", address.ip()).await;
    assert!(matches!(gone, Err(Missed::Silent(_))), "{gone:?}");
}

/// A DNS that knows no name.
struct Nowhere;

#[async_trait::async_trait]
impl Resolver for Nowhere {
    async fn addresses(&self, _: &Hostname) -> Result<Vec<IpAddr>, String> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn fault_24_a_ca_that_is_down_is_told_from_an_address_that_is_none() {
    let mut world = World::start().await;
    let account = world.account().await;
    let wrong = Directory::parse(&world.pebble.no_directory()).unwrap();
    for error in [
        world.issuer.meta(&wrong).await.unwrap_err(),
        world.issuer.register(&wrong, None, None).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, Kind::NotADirectory, "{error:?}");
    }
    let strange = Directory::parse(&world.pebble.directory().replace("/dir", "/nothing-here")).unwrap();
    assert_eq!(world.issuer.meta(&strange).await.unwrap_err().kind, Kind::NotADirectory);
    // Not the CA that the file speaks for: its https is not trusted.
    let strict = AcmeIssuer::new(Arc::new(SystemClock), None).unwrap();
    let error = strict.meta(&world.directory).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{error:?}");
    assert!(error.message.to_lowercase().contains("certificate"), "{error}");

    world.pebble.kill();
    let error = world.issue(&account, "shop.example.org").await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{error:?}");
    assert!(error.message.starts_with("the CA cannot be reached: "), "{error}");
}

#[tokio::test]
async fn a_host_that_does_not_lead_to_us_gets_the_words_of_the_ca() {
    let world = World::start().await;
    let account = world.account().await;

    // 127.0.0.2 is this machine too, but nobody listens there.
    let elsewhere = json!({ "host": "elsewhere.example.org.", "addresses": ["127.0.0.2"] });
    world.pebble.dns("add-a", elsewhere).await;
    let error = world.issue(&account, "elsewhere.example.org").await.unwrap_err();
    assert_eq!(error.kind, Kind::Connection, "{error:?}");
    assert!(error.kind.failed_validation());
    assert_eq!(error.problem.as_deref(), Some("urn:ietf:params:acme:error:connection"));
    assert!(error.message.contains("127.0.0.2") && error.message.contains("refused"), "{error}");

    world.pebble.dns("set-servfail", json!({ "host": "broken.example.org." })).await;
    let error = world.issue(&account, "broken.example.org").await.unwrap_err();
    assert!(error.kind.failed_validation(), "{error:?}");
    assert!(error.problem.is_some());
    println!("SERVFAIL: {error:?}");
}

/// Lays the wrong answer, as if somebody else answered for the host.
struct Impostor<'a>(&'a dyn Challenges);

#[async_trait::async_trait]
impl Challenges for Impostor<'_> {
    async fn put(
        &self,
        token: &str,
        _: &str,
        host: &HostPattern,
        expires: skep::domain::clock::Time,
    ) -> Result<(), String> {
        self.0.put(token, "somebody else's answer", host, expires).await
    }
    async fn remove(&self, token: &str) -> Result<(), String> {
        self.0.remove(token).await
    }
}

/// A store that is not there.
struct Broken;

#[async_trait::async_trait]
impl Challenges for Broken {
    async fn put(
        &self,
        _: &str,
        _: &str,
        _: &HostPattern,
        _: skep::domain::clock::Time,
    ) -> Result<(), String> {
        Err("the database is not there".into())
    }
    async fn remove(&self, _: &str) -> Result<(), String> {
        Err("the database is not there".into())
    }
}

#[tokio::test]
async fn a_wrong_answer_a_broken_store_and_a_lost_account() {
    let mut world = World::start().await;
    let account = world.account().await;
    let host = HostPattern::parse("shop.example.org").unwrap();
    let error = world
        .issuer
        .issue(&account, &host, &Wish::default(), &Impostor(&*world.stage.skep))
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::WrongAnswer, "{error:?}");
    assert!(error.message.contains("somebody else's answer"), "{error}");

    let error = world.issuer.issue(&account, &host, &Wish::default(), &Broken).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Challenges, "the database is not there"));

    // A CA that has lost its memory; a stored account that was damaged.
    world.pebble.restart().await;
    let error = world.issue(&account, "shop.example.org").await.unwrap_err();
    assert_eq!(error.kind, Kind::Account, "{error:?}");
    let error = world.issue(&Account(Secret::new("{}")), "shop.example.org").await.unwrap_err();
    assert_eq!(error.kind, Kind::Account, "{error:?}");
    let again = world.account().await;
    world.issue(&again, "shop.example.org").await.unwrap();
}

#[tokio::test]
async fn no_order_takes_longer_than_its_deadline() {
    let stage = Stage::start().await;
    let pebble = Pebble::start(stage.traefik.web.port(), 0).await;
    let issuer = AcmeIssuer::new(Arc::new(SystemClock), Some(&pebble.ca_file())).unwrap();
    let directory = Directory::parse(&pebble.directory()).unwrap();
    let account = issuer.register(&directory, None, None).await.unwrap();
    // An address that swallows packets would do; one that never answers is as slow.
    let silent = tokio::net::TcpListener::bind(("127.0.0.3", stage.traefik.web.port())).await.unwrap();
    pebble.dns("add-a", json!({ "host": "slow.example.org.", "addresses": ["127.0.0.3"] })).await;
    let issuer = issuer.within(Duration::from_secs(2));
    let began = std::time::Instant::now();
    let host = HostPattern::parse("slow.example.org").unwrap();
    let error = issuer.issue(&account, &host, &Wish::default(), &*stage.skep).await.unwrap_err();
    assert_eq!(error.kind, Kind::Timeout, "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(stage.skep.challenges.open(), 0);
    drop(silent);
}

#[tokio::test]
async fn case_096_the_records_of_a_real_name_server_rule() {
    let pebble = Pebble::start(1, 0).await;
    let rules = [
        ("allowed.example.org", "issue", "ca.example; validationmethods=http-01"),
        ("forbidden.example.org", "issue", "other.example.net"),
        ("nobody.example.org", "issue", ";"),
        ("words.example.org", "iodef", "mailto:ops@example.org"),
    ];
    for (name, tag, value) in rules {
        let policies = json!([{ "tag": tag, "value": value }]);
        pebble.dns("add-caa", json!({ "host": format!("{name}."), "policies": policies })).await;
    }
    let resolver = SystemResolver { server: Some(pebble.name_server()), ..SystemResolver::default() };
    let us = ["ca.example".to_owned()];
    for (name, free) in [
        ("shop.allowed.example.org", true),
        ("allowed.example.org", true),
        ("words.example.org", true),
        ("plain.example.org", true),
        ("shop.forbidden.example.org", false),
        ("nobody.example.org", false),
    ] {
        let host = HostPattern::parse(name).unwrap();
        let objection = caa::objection(&resolver, &host, &us).await;
        assert_eq!(objection.is_none(), free, "{name}: {objection:?}");
    }
    let found = resolver.caa("forbidden.example.org").await.unwrap();
    assert_eq!((found.len(), found[0].tag.as_str()), (1, "issue"));

    // A CA that names itself nowhere, as Pebble; and a name server that is not there.
    let host = HostPattern::parse("forbidden.example.org").unwrap();
    let issuer = AcmeIssuer::new(Arc::new(SystemClock), Some(&pebble.ca_file())).unwrap();
    let meta = issuer.meta(&Directory::parse(&pebble.directory()).unwrap()).await.unwrap();
    assert_eq!(caa::objection(&resolver, &host, &meta.caa_identities).await, None);
    let nobody =
        SystemResolver { server: Some(([127, 0, 0, 1], 9).into()), deadline: Duration::from_secs(1) };
    assert!(nobody.caa("forbidden.example.org").await.is_err());
    assert_eq!(caa::objection(&nobody, &host, &us).await, None);
}
