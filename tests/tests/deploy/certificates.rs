//! When an order for a certificate is placed: not before our own answer comes back through the
//! domain, and all the same when it never does.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use skep::{
    acme::{
        caa,
        dns::Resolver,
        fake::{FakeIssuer, FakeVisitor},
        reach::Missed,
    },
    control::{self, domains::NewDomain},
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
}
