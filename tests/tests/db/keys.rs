//! Rotation of keys, with everybody who may be in its way: writers, other servers, death.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use chrono::Duration;
use skep::{
    control,
    db::{self, Db, sealed::PLACES},
    deploy::parts::Parts,
    domain::{
        clock::{Clock as _, SystemClock},
        host_pattern::HostPattern,
        seal::{Seal, key_of},
    },
    keys::{self, KeyError, Pace, Progress},
};
use skep_tests::{
    database::meddle,
    db_test,
    sealed::{fill, in_use, opened, set, values},
    world::World,
};

const MASTER: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [9; 32];
const FAST: Pace = Pace { learn: Duration::zero(), settle: Duration::zero() };

fn quiet(_: Progress) {}

/// The keys as a process knows them that starts now.
async fn process(db: &Db, master: [u8; 32]) -> Seal {
    let seal = Seal::new(&master);
    keys::start(db, &seal, &SystemClock).await.unwrap();
    seal
}

async fn rotate(db: &Db) -> Vec<keys::Stuck> {
    let seal = process(db, MASTER).await;
    keys::rotate(db, &seal, &SystemClock, FAST, &quiet).await.unwrap()
}

async fn forget(db: &Db) {
    let seal = process(db, MASTER).await;
    keys::forget(db, &seal, &SystemClock, Duration::zero(), &quiet).await.unwrap();
}

async fn listed(db: &Db) -> Vec<skep::domain::data_key::DataKey> {
    let mut tx = db.read().await.unwrap();
    db::data_key::list(&mut tx).await.unwrap()
}

/// Drops the work after so many waits, as a process that dies there; none if it did.
async fn dies<F: Future>(after: usize, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut left = after;
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

db_test! {
    async fn fault_36_everything_comes_under_the_new_key_and_opens(db: TestDb) {
        // The world seals under the master key itself, as versions before data keys did.
        let world = World::new(db).await;
        let scope = fill(&world).await;
        let (db, seal) = (&world.parts.db, &world.parts.seal);
        for place in PLACES {
            let name = format!("{}.{} ({})", place.table, place.column, place.what);
            assert!(values(db).await.keys().any(|value| value.starts_with(&name)), "{name} is empty");
        }
        assert_eq!(in_use(db).await, [seal.master()].into());
        keys::start(db, seal, &SystemClock).await.unwrap();
        let first = seal.sealing();
        set(&world.cx, scope, "LATER", "under the first data key").await;
        assert_eq!(in_use(db).await, [seal.master(), first].into());
        let before = opened(db, seal).await.unwrap();

        let said = Mutex::new(Vec::new());
        let say = |line| said.lock().unwrap().push(line);
        assert_eq!(keys::rotate(db, seal, &SystemClock, FAST, &say).await.unwrap(), []);
        assert_eq!(in_use(db).await, [seal.sealing()].into());
        assert_ne!(seal.sealing(), first);
        assert_eq!(opened(db, &process(db, MASTER).await).await.unwrap(), before);
        assert!(said.lock().unwrap().contains(&Progress::Retired(first)), "{said:?}");

        // The old key stays a day for those who had a value in hand, and is gone then.
        reconciled(&world.parts).await;
        assert_eq!(listed(db).await.len(), 2);
        forget(db).await;
        let left = listed(db).await;
        assert_eq!(left.iter().map(|key| key.id).collect::<Vec<_>>(), [seal.sealing()]);
        assert_eq!(opened(db, &process(db, MASTER).await).await.unwrap(), before);

        // What was sealed anew is what the server works with.
        keys::load(db, seal).await.unwrap();
        let mut tx = db.read().await.unwrap();
        let app = db::app::all(&mut tx).await.unwrap().remove(0);
        drop(tx);
        world.deploy_live(&app).await;
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        assert_eq!(releases.len(), 2);
        assert_eq!(in_use(db).await, [seal.sealing()].into());
    }

    async fn whoever_writes_meanwhile_wins(db: TestDb) {
        let world = World::new(db).await;
        let scope = fill(&world).await;
        let (db, seal) = (&world.parts.db, &world.parts.seal);
        keys::start(db, seal, &SystemClock).await.unwrap();
        for i in 0..100 {
            set(&world.cx, scope, &format!("V{i}"), "0").await;
        }
        let over = AtomicBool::new(false);
        let write = async {
            let mut round = 0;
            while !over.load(Ordering::Relaxed) || round < 3 {
                round += 1;
                for i in (0..100).step_by(7) {
                    set(&world.cx, scope, &format!("V{i}"), &round.to_string()).await;
                }
            }
            round.to_string().into_bytes()
        };
        // Another process: its ring is its own, and the server's is behind by a round.
        let work = async {
            for _ in 0..3 {
                assert_eq!(rotate(db).await, []);
                keys::load(db, seal).await.unwrap();
            }
            over.store(true, Ordering::Relaxed);
        };
        let (last, ()) = tokio::join!(write, work);
        assert_eq!(rotate(db).await, []);
        forget(db).await;
        let mut tx = db.read().await.unwrap();
        let all = db::variable::list(&mut tx, scope).await.unwrap();
        drop(tx);
        let seal = process(db, MASTER).await;
        for variable in all.iter().filter(|variable| variable.key.as_str().starts_with('V')) {
            let i: usize = variable.key.as_str()[1..].parse().unwrap();
            let wanted = if i.is_multiple_of(7) { last.clone() } else { b"0".to_vec() };
            assert_eq!(seal.open("variable", &variable.sealed).unwrap(), wanted, "{}", variable.key);
        }
        assert_eq!(in_use(db).await, [seal.sealing()].into());
    }

    async fn a_value_that_changed_since_it_was_read_is_not_overwritten(db: TestDb) {
        let world = World::new(db).await;
        fill(&world).await;
        let db = &world.parts.db;
        let none = skep::domain::data_key::KeyId::new([0; 4]);
        for place in PLACES {
            let mut tx = db.read().await.unwrap();
            let found = db::sealed::page(&mut tx, place, None, none, 10).await.unwrap();
            drop(tx);
            let found = found.iter().find(|found| found.sealed.is_some()).unwrap();
            let mut tx = db.write().await.unwrap();
            let (one, two) = ([1; 60], [2; 60]);
            assert!(db::sealed::swap(&mut tx, place, found, &one).await.unwrap(), "{place:?}");
            assert!(!db::sealed::swap(&mut tx, place, found, &two).await.unwrap(), "{place:?}");
            tx.commit().await.unwrap();
            let now = values(db).await;
            assert!(now.values().any(|(_, sealed)| sealed == &one), "{place:?}");
            assert!(now.values().all(|(_, sealed)| sealed != &two), "{place:?}");
        }
    }

    async fn fault_36_who_dies_at_any_wait_leaves_what_opens_and_the_next_run_ends(db: TestDb) {
        let world = World::new(db).await;
        fill(&world).await;
        let db = &world.parts.db;
        let seal = process(db, MASTER).await;
        let before = opened(db, &seal).await.unwrap();
        let (mut after, mut goes_on) = (0, 0);
        loop {
            let dying = process(db, MASTER).await;
            let ended = dies(after, keys::rotate(db, &dying, &SystemClock, FAST, &quiet)).await;
            let next = process(db, MASTER).await;
            assert_eq!(opened(db, &next).await.unwrap(), before, "dead after {after} waits");
            let said = Mutex::new(Vec::new());
            let say = |line| said.lock().unwrap().push(line);
            assert_eq!(keys::rotate(db, &next, &SystemClock, FAST, &say).await.unwrap(), []);
            goes_on += usize::from(matches!(said.into_inner().unwrap()[0], Progress::GoesOn(_)));
            let wait = dies(after, keys::forget(db, &next, &SystemClock, Duration::zero(), &quiet)).await;
            assert_eq!(opened(db, &process(db, MASTER).await).await.unwrap(), before, "{after}, {wait:?}");
            forget(db).await;
            assert_eq!(in_use(db).await, [next.sealing()].into(), "dead after {after} waits");
            assert_eq!(listed(db).await.len(), 1, "dead after {after} waits");
            if ended.is_some() {
                break;
            }
            after += 1;
        }
        assert!(after > 20, "{after} waits are no rotation");
        assert!(goes_on > 10, "{goes_on} of {after} died with a key that was made");
    }

    async fn a_server_beside_opens_everything_at_any_time(db: TestDb) {
        let world = World::new(db).await;
        let scope = fill(&world).await;
        let (db, seal) = (&world.parts.db, &world.parts.seal);
        keys::start(db, seal, &SystemClock).await.unwrap();
        let beside = process(db, MASTER).await;
        let server = control::Ctx {
            parts: Parts { seal: beside.clone(), ..world.parts.clone() },
            ..world.cx.clone()
        };
        let over = AtomicBool::new(false);
        let serve = async {
            let mut rounds = 0;
            while !over.load(Ordering::Relaxed) {
                // A server learns, and works for a while with what it has learned.
                keys::load(db, &beside).await.unwrap();
                for _ in 0..3 {
                    set(&server, scope, "ROUND", &rounds.to_string()).await;
                    opened(db, &beside).await.unwrap();
                }
                rounds += 1;
            }
            rounds - 1
        };
        let pace = Pace { learn: Duration::seconds(2), settle: Duration::milliseconds(300) };
        let work = async {
            for _ in 0..2 {
                assert_eq!(keys::rotate(db, seal, &SystemClock, pace, &quiet).await.unwrap(), []);
            }
            over.store(true, Ordering::Relaxed);
        };
        let (last, ()) = tokio::join!(serve, work);
        assert_eq!(rotate(db).await, []);
        let seal = process(db, MASTER).await;
        let all = opened(db, &seal).await.unwrap();
        assert!(all.values().any(|plain| plain == last.to_string().as_bytes()));
        assert_eq!(in_use(db).await, [seal.sealing()].into());
    }

    async fn an_old_value_that_comes_late_is_saved_before_its_key_goes(db: TestDb) {
        let world = World::new(db).await;
        fill(&world).await;
        let db = &world.parts.db;
        let host = HostPattern::parse("shop.example.org").unwrap();
        rotate(db).await;
        // An order that took long: the row was read before, and is written whole after.
        let mut tx = db.read().await.unwrap();
        let row = db::acme::by_host(&mut tx, &host).await.unwrap().unwrap();
        drop(tx);
        let old = key_of(row.sealed_key.as_ref().unwrap()).unwrap();
        rotate(db).await;
        let mut tx = db.write().await.unwrap();
        db::acme::save(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        assert!(in_use(db).await.contains(&old));
        forget(db).await;
        assert!(listed(db).await.iter().all(|key| key.id != old));
        let seal = process(db, MASTER).await;
        assert_eq!(in_use(db).await, [seal.sealing()].into());
        let all = opened(db, &seal).await.unwrap();
        assert!(all.values().any(|plain| plain == b"private"));
    }

    async fn what_does_not_open_is_named_and_keeps_its_key(db: TestDb) {
        let world = World::new(db).await;
        let scope = fill(&world).await;
        let (db, seal) = (&world.parts.db, &world.parts.seal);
        keys::start(db, seal, &SystemClock).await.unwrap();
        let old = seal.sealing();
        set(&world.cx, scope, "LATER", "under the first data key").await;
        // Moved to a place that it was not sealed for.
        meddle(db, "UPDATE credential SET sealed = (SELECT sealed FROM variable WHERE key = 'LATER')").await;
        let stuck = rotate(db).await;
        assert_eq!(stuck.len(), 1);
        assert!(stuck[0].to_string().starts_with("credential.sealed of "), "{}", stuck[0]);
        assert_eq!(stuck[0].key, Some(old));
        forget(db).await;
        assert!(listed(db).await.iter().any(|key| key.id == old && key.retired_at.is_some()));
        meddle(db, "DELETE FROM credential").await;
        assert_eq!(rotate(db).await, [], "a later rotation is none the worse");
        forget(db).await;
        assert!(listed(db).await.iter().all(|key| key.id != old));
    }

    async fn fault_36_another_master_key_is_all_or_nothing(db: TestDb) {
        let world = World::new(db).await;
        fill(&world).await;
        let (db, server) = (&world.parts.db, &world.parts.seal);
        keys::start(db, server, &SystemClock).await.unwrap();
        let before = opened(db, server).await.unwrap();
        let (mut from, mut to, mut after) = (MASTER, OTHER, 0);
        loop {
            let (seal, new) = (process(db, from).await, Seal::new(&to));
            let work = keys::change_master(db, &seal, &new, &SystemClock, FAST, &quiet);
            let ended = dies(after, work).await.map(Result::unwrap);
            let (old, new) = (Seal::new(&from), Seal::new(&to));
            let old_starts = keys::start(db, &old, &SystemClock).await;
            let new_starts = keys::start(db, &new, &SystemClock).await;
            assert_ne!(old_starts.is_ok(), new_starts.is_ok(), "dead after {after} waits");
            let right = if old_starts.is_ok() { &old } else { &new };
            assert_eq!(opened(db, right).await.unwrap(), before, "dead after {after} waits");
            if new_starts.is_ok() {
                std::mem::swap(&mut from, &mut to);
            }
            if ended.is_some() {
                break;
            }
            after += 1;
        }
        assert!(after > 5, "{after}");
        // The server that ran all the time goes on, and learns that nothing is new.
        keys::load(db, server).await.unwrap();
        assert_eq!(opened(db, server).await.unwrap(), before);
        // What the master key itself had sealed came under a data key before.
        assert!(!in_use(db).await.contains(&server.master()));
        if from == MASTER {
            let new = Seal::new(&OTHER);
            let seal = process(db, MASTER).await;
            keys::change_master(db, &seal, &new, &SystemClock, FAST, &quiet).await.unwrap();
        }
        let refused = keys::start(db, &Seal::new(&MASTER), &SystemClock).await.unwrap_err().to_string();
        assert!(refused.contains("does not fit this database") && refused.contains("--master"), "{refused}");
        // A data key of the new one is nothing that it could learn: it must not go on with an old one.
        let new = process(db, OTHER).await;
        keys::rotate(db, &new, &SystemClock, FAST, &quiet).await.unwrap();
        assert!(matches!(keys::load(db, server).await, Err(KeyError::OtherMaster(id)) if id == new.sealing()));
        assert_eq!(opened(db, &new).await.unwrap(), before);
    }

    async fn another_master_key_is_refused_if_it_is_the_same_or_comes_too_early(db: TestDb) {
        let world = World::new(db).await;
        let db = &world.parts.db;
        // A database of before there were data keys.
        let seal = Seal::new(&MASTER);
        let mut tx = db.write().await.unwrap();
        keys::canary::first(&mut tx, &seal, &SystemClock).await.unwrap();
        tx.commit().await.unwrap();
        keys::start(db, &seal, &SystemClock).await.unwrap();
        let change = async |master| {
            let new = Seal::new(&master);
            keys::change_master(db, &seal, &new, &SystemClock, FAST, &quiet).await.unwrap_err()
        };
        assert!(matches!(change(MASTER).await, KeyError::SameKey));
        assert!(matches!(change(OTHER).await, KeyError::TooEarly(at) if at > SystemClock.now()));
        keys::start(db, &Seal::new(&MASTER), &SystemClock).await.expect("nothing was changed");
    }
}

/// The server's own rounds.
async fn reconciled(parts: &Parts) {
    skep::reconcile::keys_round(parts.clone()).await.unwrap();
    skep::reconcile::old_keys_round(parts.clone()).await.unwrap();
}
