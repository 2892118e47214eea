//! One look at everything that is sealed: what is not under the key of now comes under it.

use std::fmt;

use super::{KeyError, Pace, Progress, Say, load};
use crate::{
    db::{
        self, Db,
        sealed::{Found, PLACES, Place, RowKey},
    },
    domain::{
        clock::Clock,
        data_key::KeyId,
        seal::{Seal, SealError, key_of},
    },
};

/// Values in one transaction: short enough that nobody waits for it.
const BATCH: i64 = 50;

/// A value that does not open, and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Its table and column.
    pub place: (&'static str, &'static str),
    /// Its row.
    pub row: RowKey,
    /// The key that it names, if it is a sealed value at all.
    pub key: Option<KeyId>,
    /// Why it does not open.
    pub why: SealError,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}: {}", self.place.0, self.place.1, self.row, self.why)
    }
}

/// What one look found.
#[derive(Debug, Default)]
struct Look {
    /// Values that were under another key: sealed anew, or changed by somebody else meanwhile.
    found: u64,
    stuck: Vec<Stuck>,
}

/// Looks at everything again and again until nothing is found under another key than that of now; gives
/// what does not open.
///
/// # Errors
/// See [`KeyError`]; what was sealed anew stays so.
pub(super) async fn until_clean(
    db: &Db,
    seal: &Seal,
    clock: &dyn Clock,
    pace: Pace,
    say: Say<'_>,
) -> Result<Vec<Stuck>, KeyError> {
    loop {
        load(db, seal).await?;
        let look = look(db, seal, clock, say).await?;
        if look.found == 0 {
            return Ok(look.stuck);
        }
        say(Progress::Again(look.found));
        tokio::time::sleep(pace.settle.to_std().unwrap_or_default()).await;
    }
}

async fn look(db: &Db, seal: &Seal, clock: &dyn Clock, say: Say<'_>) -> Result<Look, KeyError> {
    let current = seal.sealing();
    let mut look = Look::default();
    for place in PLACES {
        let mut after = None;
        let mut resealed = 0;
        loop {
            let mut tx = db.read().await?;
            let page = db::sealed::page(&mut tx, place, after.as_ref(), current, BATCH).await?;
            drop(tx);
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            let (fresh, stuck) = open(place, page, seal, clock, current);
            look.stuck.extend(stuck);
            look.found += fresh.len() as u64;
            let written = swap(db, place, &fresh).await?;
            resealed += written;
            if written > 0 {
                say(Progress::Resealed(place.table, place.column, resealed));
            }
        }
    }
    Ok(look)
}

/// Each value that is under another key with the same sealed anew, and what does not open.
fn open(
    place: &Place,
    page: Vec<Found>,
    seal: &Seal,
    clock: &dyn Clock,
    current: KeyId,
) -> (Vec<(Found, Vec<u8>)>, Vec<Stuck>) {
    let (mut fresh, mut stuck) = (Vec::new(), Vec::new());
    for found in page {
        let Some(sealed) = &found.sealed else { continue };
        let key = key_of(sealed);
        if key == Some(current) {
            continue;
        }
        match seal.open(place.what, sealed) {
            Ok(plain) => {
                let new = seal.seal(clock, place.what, &plain);
                fresh.push((found, new));
            }
            Err(why) => {
                stuck.push(Stuck { place: (place.table, place.column), row: found.key, key, why });
            }
        }
    }
    (fresh, stuck)
}

/// Writes them in one transaction; how many nobody else had changed.
async fn swap(db: &Db, place: &Place, fresh: &[(Found, Vec<u8>)]) -> Result<u64, KeyError> {
    if fresh.is_empty() {
        return Ok(0);
    }
    let mut tx = db.write().await?;
    let mut written = 0;
    for (found, new) in fresh {
        written += u64::from(db::sealed::swap(&mut tx, place, found, new).await?);
    }
    tx.commit().await?;
    Ok(written)
}
