//! Deletes retired keys. Whoever still had a value of before in hand (an order of a certificate that
//! took long, a server that was cut off) has written it by then, and it is found here and saved.

use chrono::Duration;

use super::{KeyError, Pace, Progress, Say, canary, reseal};
use crate::{
    db::{self, Db},
    domain::{clock::Clock, data_key::KeyId, seal::Seal},
};

/// A retired key is kept so long.
pub const KEEP: Duration = Duration::days(1);

/// Deletes the keys that were retired `keep` ago, after a look at everything: one that a value still
/// names stays.
///
/// # Errors
/// See [`KeyError`].
pub async fn forget(
    db: &Db,
    seal: &Seal,
    clock: &dyn Clock,
    keep: Duration,
    say: Say<'_>,
) -> Result<(), KeyError> {
    let mut tx = db.read().await?;
    let before = db::now(&mut tx).await? - keep;
    let keys = db::data_key::list(&mut tx).await?;
    drop(tx);
    let due: Vec<KeyId> =
        keys.iter().filter(|key| key.retired_at.is_some_and(|at| at <= before)).map(|key| key.id).collect();
    if due.is_empty() {
        return Ok(());
    }
    let pace = Pace { settle: Duration::zero(), ..Pace::USUAL };
    let stuck = reseal::until_clean(db, seal, clock, pace, say).await?;
    let mut tx = db.write().await?;
    canary::held(&mut tx, seal).await?;
    let mut deleted = Vec::new();
    for id in due.into_iter().filter(|id| stuck.iter().all(|stuck| stuck.key != Some(*id))) {
        if db::data_key::remove(&mut tx, id).await? {
            deleted.push(id);
        }
    }
    tx.commit().await?;
    deleted.into_iter().for_each(|id| say(Progress::Deleted(id)));
    Ok(())
}
