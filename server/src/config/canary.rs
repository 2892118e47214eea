//! Whether the key is the one that the database was written with (F36).
//!
//! The first start seals a known text; each later one must be able to open it.

use crate::{
    db::{Db, DbError, setting},
    domain::{clock::Clock, seal::Seal},
};

const NAME: &str = "key_canary";
const TEXT: &[u8] = b"skep";

/// Refuses a key that does not open what this database holds.
///
/// # Errors
/// The reason and the way out, for people.
pub async fn check_key(db: &Db, seal: &Seal, clock: &dyn Clock) -> Result<(), String> {
    let failed = |error: DbError| format!("the database does not answer: {error}");
    let fresh = hex::encode(seal.seal(clock, NAME, TEXT));
    let mut tx = db.write().await.map_err(failed)?;
    setting::put_new(&mut tx, NAME, &fresh).await.map_err(failed)?;
    let kept = setting::get(&mut tx, NAME).await.map_err(failed)?.unwrap_or_default();
    tx.commit().await.map_err(failed)?;
    let opened = hex::decode(kept).ok().and_then(|sealed| seal.open(NAME, &sealed).ok());
    if opened.as_deref() == Some(TEXT) {
        return Ok(());
    }
    Err("the encryption key does not fit this database: what it holds was sealed with another one. \
         Give the right key (SKEP_KEY_FILE, or the file `key` in the data folder); nothing was changed"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Location, domain::clock::SystemClock};

    #[tokio::test]
    async fn fault_36_a_wrong_key_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("folder");
        let db = Db::open(&Location::Sqlite(folder.path().join("skep.db"))).await.expect("open");
        let right = Seal::new(&[1; 32]);
        check_key(&db, &right, &SystemClock).await.expect("the first start");
        check_key(&db, &right, &SystemClock).await.expect("the second");
        let told = check_key(&db, &Seal::new(&[2; 32]), &SystemClock).await.expect_err("refused");
        assert!(told.contains("SKEP_KEY_FILE"), "{told}");
        check_key(&db, &right, &SystemClock).await.expect("nothing was changed");
    }
}
