//! Chains of the audit log: nobody forks them, nobody changes them, and a writer that is killed leaves
//! them whole.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use futures::future::join_all;
use serde_json::json;
use skep::{
    db::{self, Db, Location, Tx},
    deploy::parts::Parts,
    domain::{
        audit::{Action, Change, Doer, INSTANCE, Note, Object, Outcome, Report, Verifier, Who},
        clock::{Clock as _, SystemClock},
        id::TeamId,
        secret::Secret,
    },
    reconcile,
};
use skep_tests::{
    database::{Kind, TestDb, meddle},
    db_test,
    world::World,
};

/// Where the process that is killed writes to.
const PLACE: &str = "SKEP_TEST_AUDIT_DATABASE";

fn note(team: TeamId, n: usize) -> Note {
    Note {
        team,
        at: SystemClock.now(),
        doer: Doer::Machine,
        who: Who::default(),
        action: Action::AppScale,
        outcome: Outcome::Done,
        object: Object::new("app", n, "shop"),
        change: Change::of(&json!({"n": n}), &json!({"n": n + 1})),
    }
}

async fn append(db: &Db, team: TeamId, n: usize) -> i64 {
    let mut tx = db.write().await.unwrap();
    let entry = db::audit::append(&mut tx, note(team, n)).await.unwrap();
    tx.commit().await.unwrap();
    entry.seq
}

async fn look(parts: &Parts, team: TeamId) -> Report {
    let key = reconcile::audit_key(parts).await.unwrap();
    let mut tx = parts.db.read().await.unwrap();
    let head = db::audit::head(&mut tx, team).await.unwrap();
    let checkpoints = db::audit::checkpoints(&mut tx, team).await.unwrap();
    let mut verifier = Verifier::new(team, &key, checkpoints, head);
    for entry in db::audit::after(&mut tx, team, 0, i64::MAX).await.unwrap() {
        verifier.push(&entry);
    }
    verifier.finish()
}

/// What is found, in words.
async fn findings(parts: &Parts, team: TeamId) -> Vec<String> {
    look(parts, team).await.findings.iter().map(ToString::to_string).collect()
}

/// Why the database refuses a text.
async fn refusal(db: &Db, text: &'static str) -> String {
    let refused = match db.write().await.unwrap() {
        Tx::Sqlite(mut tx) => tx.ask(text).execute().await.unwrap_err(),
        Tx::Postgres(mut tx) => sqlx::query(text).execute(&mut *tx).await.unwrap_err(),
    };
    refused.to_string()
}

/// Takes the guards away, as somebody who owns the database can.
async fn unguard(db: &Db) {
    let texts: &[&str] = match db {
        Db::Sqlite { .. } => &[
            "DROP TRIGGER audit_entry_stays",
            "DROP TRIGGER audit_entry_kept",
            "DROP TRIGGER audit_checkpoint_kept",
            "DROP TRIGGER audit_chain_grows",
        ],
        Db::Postgres(_) => &[
            "ALTER TABLE audit_entry DISABLE TRIGGER USER",
            "ALTER TABLE audit_checkpoint DISABLE TRIGGER USER",
            "ALTER TABLE audit_chain DISABLE TRIGGER USER",
        ],
    };
    for text in texts {
        meddle(db, text).await;
    }
}

db_test! {
    async fn many_writers_at_once_make_one_chain_for_each_team(db: TestDb) {
        let world = World::new(db).await;
        let teams = [world.cx.team(), INSTANCE, TeamId::new(&SystemClock)];
        let write = |n: usize| {
            let (db, team) = (world.parts.db.clone(), teams[n % 3]);
            async move {
                if n.is_multiple_of(7) {
                    // One that comes to nothing leaves no gap.
                    let mut tx = db.write().await.unwrap();
                    db::audit::append(&mut tx, note(team, n)).await.unwrap();
                    drop(tx);
                }
                append(&db, team, n).await
            }
        };
        let done = join_all((0..150).map(|n| tokio::spawn(write(n)))).await;
        assert!(done.into_iter().all(|done| done.unwrap() > 0));
        for team in teams {
            let report = look(&world.parts, team).await;
            assert_eq!((report.entries, report.newest, report.signed, report.findings), (50, 50, 0, vec![]));
        }
        reconcile::sign_audit(&world.parts).await.unwrap();
        append(&world.parts.db, INSTANCE, 0).await;
        let report = look(&world.parts, INSTANCE).await;
        assert_eq!((report.newest, report.signed, report.findings), (51, 50, vec![]));
    }

    async fn many_entries_are_signed_at_once_and_one_after_a_minute(db: TestDb) {
        let world = World::new(db).await;
        for n in 0..3 {
            append(&world.parts.db, INSTANCE, n).await;
        }
        // The chain was never signed: nothing speaks against doing so now.
        reconcile::audit_round(world.parts.clone()).await.unwrap();
        assert_eq!(look(&world.parts, INSTANCE).await.signed, 3);
        append(&world.parts.db, INSTANCE, 3).await;
        reconcile::audit_round(world.parts.clone()).await.unwrap();
        assert_eq!(look(&world.parts, INSTANCE).await.signed, 3, "not each entry by itself");
        for n in 4..103 {
            append(&world.parts.db, INSTANCE, n).await;
        }
        reconcile::audit_round(world.parts.clone()).await.unwrap();
        assert_eq!(look(&world.parts, INSTANCE).await.signed, 103);
    }

    async fn two_servers_have_one_key_and_do_not_sign_twice(db: TestDb) {
        let world = World::new(db).await;
        let keys = join_all((0..8).map(|_| reconcile::audit_key(&world.parts))).await;
        let first = *keys[0].as_ref().unwrap();
        assert!(keys.into_iter().all(|key| key.unwrap() == first));
        append(&world.parts.db, INSTANCE, 0).await;
        join_all((0..8).map(|_| reconcile::sign_audit(&world.parts))).await.into_iter().for_each(|done| done.unwrap());
        let mut tx = world.parts.db.read().await.unwrap();
        assert_eq!(db::audit::checkpoints(&mut tx, INSTANCE).await.unwrap().len(), 1);
    }

    async fn the_database_itself_refuses_to_change_or_remove(db: TestDb) {
        let world = World::new(db).await;
        append(&world.parts.db, INSTANCE, 0).await;
        reconcile::sign_audit(&world.parts).await.unwrap();
        for (text, why) in [
            ("UPDATE audit_entry SET called = 'x'", "entries of the audit log cannot be changed"),
            ("DELETE FROM audit_entry", "cannot be removed before their time"),
            ("UPDATE audit_checkpoint SET seq = 0", "checkpoints of the audit log cannot be changed"),
            ("DELETE FROM audit_checkpoint", "cannot be removed before their time"),
            ("UPDATE audit_chain SET seq = 0", "only grows"),
            ("DELETE FROM audit_chain", "cannot be removed"),
        ] {
            let refused = refusal(&world.parts.db, text).await;
            assert!(refused.contains(why), "{text}: {refused}");
        }
        assert_eq!(findings(&world.parts, INSTANCE).await, [""; 0]);
    }

    async fn who_takes_the_guards_away_is_found_out(db: TestDb) {
        let world = World::new(db).await;
        for n in 0..10 {
            append(&world.parts.db, INSTANCE, n).await;
        }
        reconcile::sign_audit(&world.parts).await.unwrap();
        unguard(&world.parts.db).await;
        meddle(&world.parts.db, "UPDATE audit_entry SET called = 'somebody else' WHERE seq = 3").await;
        meddle(&world.parts.db, "DELETE FROM audit_entry WHERE seq IN (6, 7)").await;
        let found = findings(&world.parts, INSTANCE).await;
        assert!(found[0].starts_with("entry 3 was altered"), "{found:?}");
        assert_eq!(found[1..], ["entries 6 to 7 are missing"]);
        meddle(&world.parts.db, "DELETE FROM audit_entry WHERE seq > 8").await;
        meddle(&world.parts.db, "UPDATE audit_chain SET seq = 8, hash = (SELECT hash FROM audit_entry WHERE seq = 8)").await;
        assert_eq!(findings(&world.parts, INSTANCE).await[2..], ["entries 9 to 10 are missing"]);
        meddle(&world.parts.db, "DELETE FROM audit_checkpoint").await;
        assert!(findings(&world.parts, INSTANCE).await.contains(&"checkpoint 1 is missing".to_owned()));
    }
}

/// A process of its own that appends until it is killed, and says each entry that lasts.
#[tokio::test]
#[ignore = "is the process that another test kills"]
async fn appends_until_it_is_killed() {
    let place = std::env::var(PLACE).expect("started by the test below");
    let location = match place.strip_prefix("file:") {
        Some(path) => Location::Sqlite(path.into()),
        None => Location::Postgres(Secret::new(place)),
    };
    let db = Db::open(&location).await.unwrap();
    for n in 0.. {
        println!("\nlasts {}", append(&db, INSTANCE, n).await);
    }
}

async fn survives_a_kill(kind: Kind) {
    let db = TestDb::new(kind).await;
    let place = match &db.location {
        Location::Sqlite(path) => format!("file:{}", path.display()),
        Location::Postgres(url) => url.expose().to_owned(),
    };
    let mut last = 0;
    for most in [1, 20, 37] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "audit::appends_until_it_is_killed", "--ignored", "--nocapture"])
            .env(PLACE, &place)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("lasts ")?.parse().ok());
        let at_kill: i64 = told.by_ref().nth(most - 1).expect("it writes");
        // SIGKILL, wherever it is now.
        child.kill().unwrap();
        child.wait().unwrap();
        last = told.last().unwrap_or(at_kill);
        assert!(last >= at_kill);
    }
    let world = World::new(db).await;
    reconcile::sign_audit(&world.parts).await.unwrap();
    let report = look(&world.parts, INSTANCE).await;
    assert_eq!(report.findings, []);
    // What was said to last does; one more may have been committed and not said.
    assert!((last..=last + 1).contains(&report.newest), "{last} {report:?}");
    assert_eq!(append(&world.parts.db, INSTANCE, 0).await, report.newest + 1);
}

mod a_killed_writer_leaves_a_whole_chain {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        survives_a_kill(Kind::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        survives_a_kill(Kind::Postgres).await;
    }
}
