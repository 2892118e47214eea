//! Writes that come at once share a commit, and nothing else.

use futures::future::join_all;
use skep::db::{self, DbError, setting};
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
    db.together(move |tx| {
        Box::pin(async move {
            setting::put(tx, &format!("piece{i}"), "there").await?;
            if i % 2 == 1 { Err(No::Odd(i)) } else { Ok(i) }
        })
    })
    .await
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
            broken.together::<(), No>(|tx| Box::pin(async move {
                setting::put(tx, "piece1", "there").await?;
                panic!("a piece falls")
            })).await
        });
        assert!(!matches!(fell.await, Ok(Ok(()))));
        assert_eq!(piece(&db.db, 2).await.unwrap(), 2);
        assert!(!there(&db.db, 1).await && there(&db.db, 2).await);
    }

    async fn what_nobody_waits_for_any_more_is_whole_or_not_there(db: TestDb) {
        for i in (0..40).step_by(2) {
            let waits = piece(&db.db, i);
            // Gone after one look.
            drop(tokio::time::timeout(std::time::Duration::ZERO, waits).await);
        }
        assert_eq!(piece(&db.db, 100).await.unwrap(), 100, "the others go on");
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
}
