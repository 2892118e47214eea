//! When an order for a certificate is placed: not before our own answer comes back through the
//! domain, and all the same when it never does.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use skep::{
    acme::{
        KeyType, Window,
        budget::Limits,
        caa,
        dns::Resolver,
        fake::{FakeIssuer, FakeVisitor},
        reach::Missed,
    },
    control::{
        self,
        certificates::{Fate, Found},
        directories::NewDirectory,
        domains::NewDomain,
    },
    db,
    deploy::parts::Parts,
    domain::{
        certificate::{Certificate, Challenge, State},
        clock::{Clock as _, MockClock, SystemClock},
        domain_name::{Hostname, PathPrefix},
        host_pattern::HostPattern,
        id::JobId,
        instance::Instance,
        job::Work,
        secret::Secret,
    },
    jobs::Worker,
};
use skep_tests::{db_test, world::World};
use tokio_util::sync::CancellationToken;

const HOST: &str = "shop.example.org";
const HOME: &str = "8.8.4.4";

/// All names lead to these, and the domain lets only this CA issue, if it names one.
struct Leads(Vec<&'static str>, Option<&'static str>);

#[async_trait]
impl Resolver for Leads {
    async fn addresses(&self, _: &Hostname) -> Result<Vec<IpAddr>, String> {
        Ok(self.0.iter().map(|a| a.parse().unwrap()).collect())
    }
    async fn caa(&self, name: &str) -> Result<Vec<caa::Record>, String> {
        let record = |ca: &str| caa::Record { critical: false, tag: "issue".into(), value: ca.into() };
        Ok(self.1.filter(|_| name == "example.org").map(record).into_iter().collect())
    }
}

/// An instance at [`HOME`] with an app at [`HOST`], and a CA.
struct Asking {
    parts: Parts,
    clock: Arc<MockClock>,
    issuer: Arc<FakeIssuer>,
    host: HostPattern,
}

impl Asking {
    async fn new(world: &World, reaches: bool, visitor: FakeVisitor, leads: Vec<&'static str>) -> Self {
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let host = HostPattern::parse(HOST).unwrap();
        let new = NewDomain {
            host: host.clone(),
            path: PathPrefix::parse("/").unwrap(),
            strip: false,
            service: None,
            port: None,
            https: true,
            challenge: Challenge::Http,
            private: false,
        };
        control::domains::add(&world.cx, app.id, new).await.unwrap();
        let clock = Arc::new(MockClock::at(SystemClock.now()));
        let ca = if reaches { FakeIssuer::well } else { FakeIssuer::refusing };
        let issuer = Arc::new(ca(clock.clone()));
        let instance =
            Instance { public_addresses: vec![HOME.parse().unwrap()], ..(*world.parts.instance).clone() };
        let parts = Parts {
            clock: clock.clone(),
            issuer: issuer.clone(),
            visitor: Arc::new(visitor),
            resolver: Arc::new(Leads(leads, None)),
            instance: Arc::new(instance),
            ..world.parts.clone()
        };
        Self { parts, clock, issuer, host }
    }

    async fn row(&self) -> Certificate {
        let mut tx = self.parts.db.read().await.unwrap();
        db::acme::by_host(&mut tx, &self.host).await.unwrap().unwrap()
    }

    /// Time passes until the next try is due, and it is made. Gives the seconds that passed.
    async fn next(&self) -> (i64, Certificate) {
        let wait = (self.row().await.next_try_at - self.clock.now()).max(chrono::Duration::zero());
        self.clock.advance(wait);
        let mut tx = self.parts.db.write().await.unwrap();
        let work = Work::Certificate { host: HOST.to_owned() };
        let key = format!("certificate:{HOST}");
        db::job::enqueue(&mut tx, JobId::new(&SystemClock), &work, &key).await.unwrap();
        tx.commit().await.unwrap();
        Worker::new(self.parts.clone(), CancellationToken::new()).drain().await.unwrap();
        (wait.num_seconds(), self.row().await)
    }
}

db_test! {
    async fn no_order_is_spent_while_the_edge_starts(db: TestDb) {
        let world = World::new(db).await;
        let asking = Asking::new(&world, true, FakeVisitor::starting(), vec![HOME]).await;
        let (_, row) = asking.next().await;
        assert_eq!(row.state, State::Pending);
        let reason = row.reason.unwrap();
        assert!(reason.contains("connection refused") && reason.contains(HOME), "{reason}");
        let (waited, row) = asking.next().await;
        assert_eq!(waited, 2);
        assert!(row.reason.unwrap().contains("404"));
        assert_eq!(asking.issuer.orders().len(), 0);
        let (waited, row) = asking.next().await;
        assert_eq!(waited, 4);
        assert_eq!((row.state, row.reason, row.failures), (State::Issued, None, 0));
        assert_eq!(asking.issuer.orders().len(), 1);
    }

    async fn what_we_never_see_of_ourselves_is_ordered_all_the_same(db: TestDb) {
        let world = World::new(db).await;
        let silent = FakeVisitor::saying(Err(Missed::Silent("no answer in time".to_owned())));
        let asking = Asking::new(&world, true, silent, vec![HOME]).await;
        let mut looks = 0;
        while asking.issuer.orders().is_empty() {
            looks += 1;
            assert!(looks < 20, "it is blocked for ever");
            asking.next().await;
        }
        assert_eq!(looks, 9);
        assert_eq!(asking.row().await.state, State::Issued);
    }

    async fn case_096_a_host_that_leads_elsewhere_waits_for_its_dns(db: TestDb) {
        let world = World::new(db).await;
        let other = FakeVisitor::each([Err(Missed::Other(200)), Err(Missed::Other(200)), Ok(())]);
        let asking = Asking::new(&world, true, other, vec!["1.1.1.1"]).await;
        for _ in 0..2 {
            let (_, row) = asking.next().await;
            assert_eq!(row.state, State::PendingDns);
            let reason = row.reason.unwrap();
            assert!(reason.contains("1.1.1.1") && reason.contains(HOME), "{reason}");
        }
        assert_eq!(asking.issuer.orders().len(), 0);
        // It leads to us now, by way of somebody who passes requests on.
        let (_, row) = asking.next().await;
        assert_eq!(row.state, State::Issued);
    }

    async fn case_096_a_domain_that_forbids_the_ca_gets_no_order(db: TestDb) {
        let world = World::new(db).await;
        let mut asking = Asking::new(&world, true, FakeVisitor::well(), vec![HOME]).await;
        asking.parts.resolver = Arc::new(Leads(vec![HOME], Some("other.example.net")));
        // However long it lasts: the CA must refuse.
        for _ in 0..70 {
            let (_, row) = asking.next().await;
            assert_eq!(row.state, State::PendingDns);
            let reason = row.reason.unwrap();
            let words = ["CAA", "example.org", "other.example.net", "ca.example.org"];
            assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
        }
        assert_eq!(asking.issuer.orders().len(), 0);
        asking.parts.resolver = Arc::new(Leads(vec![HOME], Some("ca.example.org")));
        let (waited, row) = asking.next().await;
        assert_eq!((waited, row.state, row.reason), (60, State::Issued, None));
    }

    async fn an_order_that_fails_as_foreseen_is_not_repeated_soon(db: TestDb) {
        let world = World::new(db).await;
        let silent = FakeVisitor::saying(Err(Missed::Silent("connection refused".to_owned())));
        let asking = Asking::new(&world, false, silent, vec![HOME]).await;
        let (mut tries, mut at) = (0, Vec::new());
        while at.len() < 3 {
            tries += 1;
            let before = asking.issuer.orders().len();
            let (_, row) = asking.next().await;
            if asking.issuer.orders().len() > before {
                at.push(tries);
                assert_eq!(row.state, State::Failed);
                let reason = row.reason.unwrap();
                assert!(reason.contains("Fetching") && reason.contains("seen from here"), "{reason}");
            }
        }
        assert_eq!(at, [9, 20, 33]);
    }

    async fn it_is_renewed_when_its_ca_would_like_to(db: TestDb) {
        let world = World::new(db).await;
        let asking = Asking::new(&world, true, FakeVisitor::well(), vec![HOME]).await;
        let window = |from: i64, until: i64| {
            let at = |days| asking.clock.now() + chrono::Duration::days(days);
            Some(Window { start: at(from), end: at(until), explanation: Some("https://ca.example.org/why".to_owned()), retry_after: None })
        };
        asking.issuer.would_like(window(40, 41));
        let (_, row) = asking.next().await;
        let days = (row.plan.renew_at.unwrap() - asking.clock.now()).num_days();
        assert_eq!((row.state, days), (State::Issued, 40));
        assert_eq!(row.plan.explanation.as_deref(), Some("https://ca.example.org/why"));
        // It is asked again in six hours, and wants it back at once then.
        asking.issuer.would_like(window(-2, -1));
        let (waited, row) = asking.next().await;
        assert_eq!((waited, row.next_try_at), (6 * 3600, asking.clock.now()));
        assert_eq!(asking.issuer.orders().len(), 1);
        asking.issuer.would_like(window(40, 41));
        let (waited, row) = asking.next().await;
        assert_eq!((waited, row.state, asking.issuer.orders().len()), (0, State::Issued, 2));
        // Somebody wants another one now.
        control::certificates::renew(&world.cx, row.id).await.unwrap();
        let (_, row) = asking.next().await;
        assert_eq!((row.state, row.plan.forced, asking.issuer.orders().len()), (State::Issued, false, 3));
    }

    async fn without_room_it_waits_and_says_until_when(db: TestDb) {
        let world = World::new(db).await;
        let asking = Asking::new(&world, true, FakeVisitor::well(), vec![HOME]).await;
        let limits = Limits { orders: 1, ..Limits::OTHERS };
        directory(&world, &world.parts.instance.acme_directory, false, Some(limits)).await;
        assert_eq!(asking.next().await.1.state, State::Issued);
        let row = asking.row().await;
        control::certificates::renew(&world.cx, row.id).await.unwrap();
        let (_, row) = asking.next().await;
        assert_eq!((row.state, asking.issuer.orders().len()), (State::PendingBudget, 1));
        let reason = row.reason.unwrap();
        assert!(reason.contains("1 orders in 3 hours"), "{reason}");
        let (waited, row) = asking.next().await;
        assert!((3 * 3600 - 60..6 * 3600 + 120).contains(&waited), "{waited}");
        assert_eq!((row.state, row.reason, asking.issuer.orders().len()), (State::Issued, None, 2));
    }

    async fn a_backup_takes_the_place_of_a_ca_in_trouble(db: TestDb) {
        let world = World::new(db).await;
        let mut asking = Asking::new(&world, true, FakeVisitor::well(), vec![HOME]).await;
        let down = FakeIssuer::well(asking.clock.clone()).down_at(&world.parts.instance.acme_directory);
        asking.issuer = Arc::new(down);
        asking.parts.issuer = asking.issuer.clone();
        let backup = "https://backup.example.org/directory";
        directory(&world, backup, true, None).await;
        let mut tries = 0;
        let row = loop {
            let (_, row) = asking.next().await;
            tries += 1;
            assert!(tries < 10, "{row:?}");
            if row.state == State::Issued {
                break row;
            }
            assert_eq!(row.plan.fault.as_deref(), Some("unreachable"));
        };
        assert_eq!((tries, row.directory.as_str()), (4, backup));
    }

    async fn a_chosen_directory_counts_alone(db: TestDb) {
        let world = World::new(db).await;
        let asking = Asking::new(&world, true, FakeVisitor::well(), vec![HOME]).await;
        let trials = "https://trials.example.org/directory";
        directory(&world, trials, false, None).await;
        let row = asking.row().await;
        let unknown = control::certificates::choose(&world.cx, row.id, Some("https://x.example.org")).await;
        assert!(matches!(unknown, Err(control::Error::Invalid(_))));
        control::certificates::choose(&world.cx, row.id, Some(trials)).await.unwrap();
        let (_, row) = asking.next().await;
        assert_eq!((row.state, row.directory.as_str()), (State::Issued, trials));
    }

    async fn certificates_of_a_traefik_are_taken_over(db: TestDb) {
        let world = World::new(db).await;
        let asking = Asking::new(&world, true, FakeVisitor::well(), vec![HOME]).await;
        let entry = |names: &[&str]| {
            let key = KeyPair::generate().unwrap();
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let mut params = CertificateParams::new(names.clone()).unwrap();
            (params.not_before, params.not_after) = (rcgen::date_time_ymd(2026, 1, 1), rcgen::date_time_ymd(2100, 1, 1));
            let chain = params.self_signed(&key).unwrap().pem();
            json!({
                "domain": {"main": names[0], "sans": names[1..]},
                "certificate": STANDARD.encode(chain), "key": STANDARD.encode(key.serialize_pem()), "Store": "default",
            })
        };
        let all = [entry(&[HOST]), entry(&["other.example.org"]), entry(&[HOST, "www.example.org"])];
        let file = Secret::new(json!({"le": {"Account": null, "Certificates": all}}).to_string());
        let fates = |found: Vec<Found>| found.into_iter().map(|found| found.fate).collect::<Vec<_>>();
        let shown = control::certificates::preview(&world.cx, &file).await.unwrap();
        assert_eq!(fates(shown), [Fate::Taken, Fate::NoDomain, Fate::Unfit]);
        assert_eq!(asking.row().await.state, State::Pending, "nothing was written");
        let done = control::certificates::import(&world.cx, &file).await.unwrap();
        assert_eq!(fates(done), [Fate::Taken, Fate::NoDomain, Fate::Unfit]);
        let row = asking.row().await;
        assert!(row.is_valid(asking.clock.now()) && row.sealed_key.is_some());
        assert!(row.next_try_at > asking.clock.now() + chrono::Duration::days(365));
        let again = control::certificates::import(&world.cx, &file).await.unwrap();
        assert_eq!(fates(again), [Fate::Kept, Fate::NoDomain, Fate::Unfit]);
        // Nothing is to be told of it to an alert, until it is near its end.
        let near = control::certificates::expiring(&world.cx, chrono::Duration::days(30)).await.unwrap();
        assert_eq!(near.len(), 0);
        let near = control::certificates::expiring(&world.cx, chrono::Duration::days(366 * 80)).await.unwrap();
        assert_eq!(near.len(), 1);
    }
}

async fn directory(world: &World, address: &str, backup: bool, limits: Option<Limits>) {
    let new = NewDirectory {
        name: String::new(),
        address: address.to_owned(),
        backup,
        external_key: String::new(),
        hmac: Secret::new(""),
        profile: String::new(),
        key: KeyType::default(),
        limits,
    };
    control::directories::create(&world.cx, new).await.unwrap();
}
