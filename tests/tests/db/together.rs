//! Writes that come at once share a commit, and nothing else.

use futures::future::join_all;
use skep::{
    db::{self, DbError, Location, setting},
    domain::{clock::SystemClock, id::JobId, job::Work},
};
use skep_tests::db_test;

/// Why a piece is not to be kept.
#[derive(Debug)]
enum No {
    Odd(usize),
    Database,
}

impl From<DbError> for No {
    fn from(_: DbError) -> Self {
        Self::Database
    }
}

async fn piece(db: &db::Db, i: usize) -> Result<usize, No> {
    let mut tx = db.write().await?;
    setting::put(&mut tx, &format!("piece{i}"), "there").await?;
    if i % 2 == 1 {
        return Err(No::Odd(i));
    }
    tx.commit().await?;
    Ok(i)
}

async fn there(db: &db::Db, i: usize) -> bool {
    let mut tx = db.read().await.unwrap();
    setting::get(&mut tx, &format!("piece{i}")).await.unwrap().is_some()
}

db_test! {
    async fn a_piece_that_fails_takes_nothing_of_the_others(db: TestDb) {
        let results = join_all((0..200).map(|i| piece(&db.db, i))).await;
        for (i, result) in results.into_iter().enumerate() {
            match result {
                Ok(given) => assert!(given == i && i % 2 == 0, "{i}"),
                Err(No::Odd(given)) => assert!(given == i && i % 2 == 1, "{i}"),
                Err(No::Database) => panic!("{i}: the database"),
            }
            assert_eq!(there(&db.db, i).await, i % 2 == 0, "{i}");
        }
    }

    async fn a_piece_that_panics_leaves_a_database_that_goes_on(db: TestDb) {
        let broken = db.db.clone();
        let fell = tokio::spawn(async move {
            let mut tx = broken.write().await.unwrap();
            setting::put(&mut tx, "piece1", "there").await.unwrap();
            panic!("a piece falls")
        });
        assert!(fell.await.is_err());
        assert_eq!(piece(&db.db, 2).await.unwrap(), 2);
        assert!(!there(&db.db, 1).await && there(&db.db, 2).await);
    }

    async fn what_nobody_waits_for_any_more_is_whole_or_not_there(db: TestDb) {
        let given_up = join_all((0..200).map(|i| {
            // Each gives up a little later than the one before: at the beginning, in a query, at the end.
            let waits = std::time::Duration::from_micros(i * 50);
            tokio::time::timeout(waits, piece(&db.db, usize::try_from(i * 2).unwrap()))
        }));
        let stay = join_all((200..400).map(|i| piece(&db.db, i * 2)));
        let (given_up, stay) = tokio::join!(given_up, stay);
        for (i, result) in stay.into_iter().enumerate() {
            assert_eq!(result.unwrap(), (i + 200) * 2);
            assert!(there(&db.db, (i + 200) * 2).await, "{i}");
        }
        for (i, result) in given_up.into_iter().enumerate() {
            // Who was told nothing knows nothing; who was told has it.
            assert!(result.is_err() || there(&db.db, i * 2).await, "{i}");
        }
        assert_eq!(piece(&db.db, 1000).await.unwrap(), 1000, "the others go on");
    }

    async fn what_fails_only_when_it_is_sent_fails_its_own_piece_alone(db: TestDb) {
        let (twice, base) = (JobId::new(&SystemClock), &db.db);
        let writes = join_all((0..60).map(|i| async move {
            let id = if i % 3 == 0 { twice } else { JobId::new(&SystemClock) };
            let work = Work::Certificate { host: "a.example".to_owned() };
            let mut tx = base.write().await?;
            db::job::enqueue(&mut tx, id, &work, &format!("key{i}")).await?;
            if i % 3 == 1 {
                // Its own next statement is refused, whether or not the one before was sent already.
                let mut again = db::job::enqueue(&mut tx, id, &work, "key").await;
                if again.is_ok() {
                    again = setting::put(&mut tx, &format!("piece{i}"), "there").await;
                }
                assert!(again.is_err(), "{i}");
            }
            tx.commit().await
        }))
        .await;
        let lasting = writes.iter().enumerate().filter(|(_, result)| result.is_ok()).map(|(i, _)| i);
        let lasting: Vec<usize> = lasting.collect();
        assert_eq!(lasting.iter().filter(|i| *i % 3 == 0).count(), 1, "one of those with the same id");
        assert_eq!(lasting.iter().filter(|i| *i % 3 == 2).count(), 20, "all of those that are right");
        let mut tx = db.db.read().await.unwrap();
        let there: i64 = db::job::count(&mut tx).await.unwrap().iter().map(|(_, count)| count).sum();
        assert_eq!(there, 21, "nothing of the wrong ones, whatever their commit says");
    }

    async fn what_is_dropped_lets_another_program_write(db: TestDb) {
        let other = db::Db::open(&db.location).await.unwrap();
        let mut tx = db.db.write().await.unwrap();
        setting::put(&mut tx, "piece0", "there").await.unwrap();
        drop(tx);
        assert_eq!(piece(&other, 2).await.unwrap(), 2);
        assert!(!there(&other, 0).await && there(&db.db, 2).await);
    }

    async fn the_machinery_writes_behind_and_checkpoints_stand_in_nobodys_way(db: TestDb) {
        let behind = db.db.behind();
        let open = db.db.write().await.unwrap();
        db.db.checkpoint().await.unwrap();
        open.commit().await.unwrap();
        let writes = (0..20).map(|i| piece(if i % 4 == 0 { &behind } else { &db.db }, i * 2));
        assert!(join_all(writes).await.iter().all(Result::is_ok));
        db.db.checkpoint().await.unwrap();
    }

    async fn checkpoints_lose_nothing_while_others_write_without_a_pause(db: TestDb) {
        let writes = join_all((0..400).map(|i| piece(&db.db, i * 2)));
        let checkpoints = async {
            for _ in 0..20 {
                db.db.checkpoint().await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let (written, ()) = tokio::join!(writes, checkpoints);
        assert!(written.iter().all(Result::is_ok));
        db.db.checkpoint().await.unwrap();
        for i in 0..400 {
            assert!(there(&db.db, i * 2).await, "{i}");
        }
    }

    async fn the_log_begins_anew_while_others_write_without_a_pause(db: TestDb) {
        let Location::Sqlite(path) = &db.location else { return };
        let text = "x".repeat(12_000);
        let writes = async {
            for i in 0..1_200 {
                let mut tx = db.db.write().await.unwrap();
                setting::put(&mut tx, &format!("piece{}", i % 50), &format!("{i}{text}")).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        let checkpoints = async {
            loop {
                db.db.checkpoint_due().await;
                db.db.checkpoint().await.unwrap();
            }
        };
        tokio::select! {
            () = writes => {}
            () = checkpoints => {}
        }
        let log = std::fs::metadata(format!("{}-wal", path.display())).unwrap().len();
        assert!(log < 12 << 20, "{log} bytes of more than 15 MB that were written");
        assert!(there(&db.db, 0).await && there(&db.db, 49).await);
    }
}
