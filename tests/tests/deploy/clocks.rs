//! Clocks that jump (fault F23): leases and due times go by the database's clock, waits within a
//! process by a monotonic one, and no jump makes many orders of one.

use std::collections::HashSet;
use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use chrono::Duration;
use skep::{
    acme::{
        dns::Resolver,
        fake::{FakeIssuer, FakeVisitor},
    },
    control::{
        self, Ctx,
        domains::NewDomain,
        identity::{Login, login},
    },
    db,
    deploy::parts::Parts,
    domain::{
        certificate::Challenge,
        clock::{Clock, MockClock, SystemClock},
        deployment::State,
        domain_name::{Hostname, PathPrefix},
        host_pattern::HostPattern,
        instance::Instance,
        secret::Secret,
    },
    jobs::Worker,
    reconcile,
};
use skep_tests::{database::meddle, db_test, world::World};
use tokio_util::sync::CancellationToken;

const HOUR: i64 = 3600;
const HOME: &str = "8.8.4.4";

/// All names lead to this instance.
struct Here;

#[async_trait]
impl Resolver for Here {
    async fn addresses(&self, _: &Hostname) -> Result<Vec<IpAddr>, String> {
        Ok(vec![HOME.parse().unwrap()])
    }
}

/// The same Skep under a clock that stands this many seconds off.
fn off(world: &World, seconds: i64) -> (Parts, Arc<MockClock>) {
    let clock = Arc::new(MockClock::at(SystemClock.now() + Duration::seconds(seconds)));
    (Parts { clock: clock.clone(), ..world.parts.clone() }, clock)
}

db_test! {
    async fn fault_23_a_server_whose_clock_is_an_hour_off_queues_what_is_due_now(db: TestDb) {
        let world = World::new(db).await;
        for (name, seconds) in [("ahead", HOUR), ("behind", -HOUR)] {
            let app = world.image_app(name, "registry.example.org/shop:1").await;
            let (parts, _) = off(&world, seconds);
            let cx = Ctx { parts, ..world.cx.clone() };
            let queued = control::deployments::create(&cx, app.id, None, None).await.unwrap();
            world.drain().await;
            let ended = world.deployment(queued.id).await;
            assert_eq!(ended.state, State::Live, "{name}: {:?}", ended.failure);
        }
    }

    async fn fault_23_a_jump_frees_no_lease_and_keeps_none(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let mut tx = world.parts.db.write().await.unwrap();
        let held = db::job::claim(&mut tx, "holder", 8, &HashSet::new()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(held.len(), 1);
        for seconds in [HOUR, -HOUR] {
            let (parts, _) = off(&world, seconds);
            assert_eq!(Worker::new(parts, CancellationToken::new()).drain().await.unwrap(), 0, "the lease holds");
        }
        // The holder is dead: the lease ends by the database's clock, whatever ours says.
        world.free().await;
        let (parts, _) = off(&world, -HOUR);
        Worker::new(parts, CancellationToken::new()).drain().await.unwrap();
        assert_eq!(world.deployment(queued.id).await.state, State::Live);
        let mut tx = world.parts.db.write().await.unwrap();
        assert!(!db::job::renew(&mut tx, &held[0]).await.unwrap(), "the late one is refused");
    }

    async fn fault_23_the_databases_own_clock_is_set_back_an_hour(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        // As a clock set back makes it look: what was due is an hour away.
        ahead(&world, "run_at").await;
        world.drain().await;
        assert_eq!(world.deployment(queued.id).await.state, State::Live);
        // And a dead holder's lease ends in an hour.
        let other = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let mut tx = world.parts.db.write().await.unwrap();
        assert_eq!(db::job::claim(&mut tx, "dead", 8, &HashSet::new()).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        ahead(&world, "leased_until").await;
        world.drain().await;
        assert_eq!(world.deployment(other.id).await.state, State::Live);
    }

    async fn fault_23_a_deployment_runs_through_jumps_in_both_directions(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let (parts, clock) = off(&world, 0);
        let stop = CancellationToken::new();
        let jumping = tokio::spawn({
            let stop = stop.clone();
            async move {
                let mut by = HOUR;
                while !stop.is_cancelled() {
                    clock.advance(Duration::seconds(by));
                    by = -by;
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
        });
        let cx = Ctx { parts: parts.clone(), ..world.cx.clone() };
        for _ in 0..2 {
            let queued = control::deployments::create(&cx, app.id, None, None).await.unwrap();
            Worker::new(parts.clone(), CancellationToken::new()).drain().await.unwrap();
            let ended = world.deployment(queued.id).await;
            assert_eq!(ended.state, State::Live, "{:?}", ended.failure);
        }
        stop.cancel();
        jumping.await.unwrap();
        assert_eq!(world.engine.effects("create_service"), 1);
    }

    async fn fault_23_no_jump_makes_a_storm_of_orders(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let (parts, clock) = off(&world, 0);
        let issuer = Arc::new(FakeIssuer::well(clock.clone()));
        let instance =
            Instance { public_addresses: vec![HOME.parse().unwrap()], ..(*world.parts.instance).clone() };
        let parts = Parts {
            issuer: issuer.clone(),
            visitor: Arc::new(FakeVisitor::well()),
            resolver: Arc::new(Here),
            instance: Arc::new(instance),
            ..parts
        };
        let cx = Ctx { parts: parts.clone(), ..world.cx.clone() };
        for n in 0..5 {
            let new = NewDomain {
                host: HostPattern::parse(&format!("h{n}.example.net")).unwrap(),
                path: PathPrefix::parse("/").unwrap(),
                strip: false, service: None, port: None, https: true,
                challenge: Challenge::Http, private: false,
            };
            control::domains::add(&cx, app.id, new).await.unwrap();
        }
        let round = async || {
            for _ in 0..3 {
                reconcile::certificates_round(parts.clone()).await.unwrap();
                Worker::new(parts.clone(), CancellationToken::new()).drain().await.unwrap();
            }
        };
        round().await;
        let orders = issuer.orders().len();
        // The app's generated host is the sixth.
        assert_eq!(orders, 6);
        for seconds in [HOUR, -HOUR, -HOUR, HOUR] {
            clock.advance(Duration::seconds(seconds));
            round().await;
            assert_eq!(issuer.orders().len(), orders, "after a jump of {seconds} s");
        }
    }

    async fn fault_23_a_clock_set_back_locks_nobody_out(db: TestDb) {
        let world = World::new(db).await;
        let (parts, clock) = off(&world, HOUR);
        let password = Secret::new("no password of anybody");
        let tries = async |parts: &Parts| {
            let from = "192.0.2.7".parse().unwrap();
            login(parts, Login { email: "owner@example.org", password: &password, from, agent: "test", known: None, old: None })
                .await
        };
        for _ in 0..5 {
            assert!(matches!(tries(&parts).await, Err(control::Error::Unauthenticated { .. })));
        }
        clock.advance(Duration::seconds(-2 * HOUR));
        assert!(matches!(tries(&parts).await, Err(control::Error::Unauthenticated { .. })), "one is let through");
        match tries(&parts).await {
            Err(control::Error::Busy(seconds)) => assert!(seconds <= 60, "{seconds} s"),
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
}

/// Moves a time of every job an hour ahead.
async fn ahead(world: &World, column: &str) {
    let text = match (column, &world.db.db) {
        ("run_at", db::Db::Sqlite { .. }) => {
            "UPDATE job SET run_at = strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', '+1 hour') WHERE status = 'queued'"
        }
        ("run_at", db::Db::Postgres(_)) => {
            "UPDATE job SET run_at = run_at + interval '1 hour' WHERE status = 'queued'"
        }
        (_, db::Db::Sqlite { .. }) => {
            "UPDATE job SET leased_until = strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', '+1 hour') WHERE status = 'running'"
        }
        (_, db::Db::Postgres(_)) => {
            "UPDATE job SET leased_until = leased_until + interval '1 hour' WHERE status = 'running'"
        }
    };
    meddle(&world.db.db, text).await;
}
