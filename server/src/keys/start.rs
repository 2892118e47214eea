//! What a process does with its key before anything else.

use chrono::Duration;

use super::{KeyError, canary, load};
use crate::{
    db::{self, Db},
    domain::{clock::Clock, seal::Seal},
};

/// Servers of before there were data keys are replaced by then; until then nothing is sealed that
/// they could not open.
const UPDATE: Duration = Duration::minutes(10);

/// Refuses a master key that is not the one of this database, makes the first data key where there is
/// none, and learns those that there are.
///
/// # Errors
/// The reason and the way out; nothing was changed.
pub async fn start(db: &Db, seal: &Seal, clock: &dyn Clock) -> Result<(), KeyError> {
    let mut tx = db.write().await?;
    let new = canary::first(&mut tx, seal, clock).await?;
    canary::held(&mut tx, seal).await?;
    if db::data_key::list(&mut tx).await?.is_empty() {
        let now = db::now(&mut tx).await?;
        let active_from = if new { now } else { now + UPDATE };
        db::data_key::insert(&mut tx, &seal.make(clock, now, active_from)).await?;
    }
    tx.commit().await?;
    load(db, seal).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Location, domain::clock::SystemClock};

    #[tokio::test]
    async fn fault_36_a_wrong_key_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("folder");
        let db = Db::open(&Location::Sqlite(folder.path().join("skep.db"))).await.expect("open");
        let right = || Seal::new(&[1; 32]);
        let seal = right();
        start(&db, &seal, &SystemClock).await.expect("the first start");
        assert_ne!(seal.sealing(), seal.master(), "a new database has a data key at once");
        let sealed = seal.seal(&SystemClock, "variable", b"x");
        let again = right();
        start(&db, &again, &SystemClock).await.expect("the second");
        assert_eq!(again.sealing(), seal.sealing());
        let wrong = Seal::new(&[2; 32]);
        let told = start(&db, &wrong, &SystemClock).await.expect_err("refused").to_string();
        assert!(told.contains("SKEP_KEY_FILE"), "{told}");
        assert!(wrong.open("variable", &sealed).is_err());
        let last = right();
        start(&db, &last, &SystemClock).await.expect("nothing was changed");
        assert_eq!(last.open("variable", &sealed).unwrap(), b"x");
    }

    #[tokio::test]
    async fn an_older_database_gets_a_data_key_that_waits_for_older_servers_to_go() {
        let folder = tempfile::tempdir().expect("folder");
        let db = Db::open(&Location::Sqlite(folder.path().join("skep.db"))).await.expect("open");
        let seal = Seal::new(&[1; 32]);
        let mut tx = db.write().await.unwrap();
        assert!(canary::first(&mut tx, &seal, &SystemClock).await.unwrap());
        tx.commit().await.unwrap();
        start(&db, &seal, &SystemClock).await.expect("the first start of this version");
        assert_eq!(seal.sealing(), seal.master());
        let mut tx = db.read().await.unwrap();
        let keys = db::data_key::list(&mut tx).await.unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].active_from - keys[0].created_at, UPDATE);
        seal.learn(&keys, keys[0].active_from).unwrap();
        assert_eq!(seal.sealing(), keys[0].id);
    }
}
