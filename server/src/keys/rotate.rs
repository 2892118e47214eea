//! A new data key, and everything under it. Run again after a kill it goes on with the key that was
//! made, and ends.

use super::{KEEP, KeyError, Pace, Progress, Say, Stuck, canary, forget, load, reseal};
use crate::{
    db::{self, Db},
    domain::{clock::Clock, seal::Seal},
};

/// Seals everything anew under a new data key, while servers go on; retires the keys before. Gives what
/// does not open: it stays as it is, and so does the key that it names.
///
/// # Errors
/// See [`KeyError`]; whatever was done by then, everything opens.
pub async fn rotate(
    db: &Db,
    seal: &Seal,
    clock: &dyn Clock,
    pace: Pace,
    say: Say<'_>,
) -> Result<Vec<Stuck>, KeyError> {
    prepare(db, seal, clock, pace, say).await?;
    until_the_newest_seals(db, seal).await?;
    let stuck = reseal::until_clean(db, seal, clock, pace, say).await?;
    retire(db, seal, say).await?;
    forget(db, seal, clock, KEEP, say).await?;
    Ok(stuck)
}

/// Writes a new key, unless an earlier run left one that is not alone yet.
async fn prepare(db: &Db, seal: &Seal, clock: &dyn Clock, pace: Pace, say: Say<'_>) -> Result<(), KeyError> {
    let mut tx = db.write().await?;
    canary::held(&mut tx, seal).await?;
    let mut in_use = db::data_key::list(&mut tx).await?;
    in_use.retain(|key| key.retired_at.is_none());
    if let [newest, _, ..] = in_use.as_slice() {
        say(Progress::GoesOn(newest.id));
        return Ok(());
    }
    let now = db::now(&mut tx).await?;
    let key = seal.make(clock, now, now + pace.learn);
    db::data_key::insert(&mut tx, &key).await?;
    tx.commit().await?;
    say(Progress::Made(key.id, pace.learn.num_seconds()));
    Ok(())
}

/// Each server has learned it by then, and seals with it, or does so within a second.
async fn until_the_newest_seals(db: &Db, seal: &Seal) -> Result<(), KeyError> {
    loop {
        load(db, seal).await?;
        let mut tx = db.read().await?;
        let keys = db::data_key::list(&mut tx).await?;
        let now = db::now(&mut tx).await?;
        drop(tx);
        match keys.first() {
            Some(newest) if newest.id != seal.sealing() => {
                tokio::time::sleep((newest.active_from - now).to_std().unwrap_or_default()).await;
            }
            _ => return Ok(()),
        }
    }
}

/// Retires all that are older than the one that seals.
async fn retire(db: &Db, seal: &Seal, say: Say<'_>) -> Result<(), KeyError> {
    let mut tx = db.write().await?;
    canary::held(&mut tx, seal).await?;
    let now = db::now(&mut tx).await?;
    let mut retired = Vec::new();
    let keys = db::data_key::list(&mut tx).await?;
    for key in keys.iter().skip_while(|key| key.id != seal.sealing()).skip(1) {
        if db::data_key::retire(&mut tx, key.id, now).await? {
            retired.push(key.id);
        }
    }
    tx.commit().await?;
    retired.into_iter().for_each(|id| say(Progress::Retired(id)));
    Ok(())
}
