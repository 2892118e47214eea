//! Another master key: the data keys and the canary under it in one transaction, so that it is done or
//! not done. Values are not touched.

use super::{KeyError, Pace, Say, canary, load, reseal};
use crate::{
    db::{self, Db},
    domain::{clock::Clock, seal::Seal},
};

/// Seals all data keys under the master key of `new`; how many there are. Servers that run go on with what they
/// have in memory, and start again only with the new key.
///
/// # Errors
/// See [`KeyError`]; then the old master key is the right one still.
pub async fn change_master(
    db: &Db,
    seal: &Seal,
    new: &Seal,
    clock: &dyn Clock,
    pace: Pace,
    say: Say<'_>,
) -> Result<usize, KeyError> {
    load(db, seal).await?;
    let mut tx = db.read().await?;
    let keys = db::data_key::list(&mut tx).await?;
    let now = db::now(&mut tx).await?;
    drop(tx);
    if new.master() == seal.master() || keys.iter().any(|key| key.id == new.master()) {
        return Err(KeyError::SameKey);
    }
    // The master key itself seals until the first data key is active: that must have been written by now.
    let first = keys.iter().map(|key| key.active_from + pace.learn).min();
    if let Some(from) = first.filter(|from| *from > now) {
        return Err(KeyError::TooEarly(from));
    }
    // What the master key itself sealed, before there were data keys, must not stay under it.
    let stuck = reseal::until_clean(db, seal, clock, pace, say).await?;
    let lost: Vec<_> = stuck.into_iter().filter(|stuck| stuck.key == Some(seal.master())).collect();
    if !lost.is_empty() {
        return Err(KeyError::Stuck(lost));
    }
    let mut tx = db.write().await?;
    canary::held(&mut tx, seal).await?;
    let keys = db::data_key::list(&mut tx).await?;
    for key in &keys {
        let sealed = seal.hand_over(key, new, clock).map_err(|_| KeyError::OtherMaster(key.id))?;
        db::data_key::reseal(&mut tx, key.id, &sealed).await?;
    }
    canary::replace(&mut tx, new, clock).await?;
    tx.commit().await?;
    Ok(keys.len())
}
