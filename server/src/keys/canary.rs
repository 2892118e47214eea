//! Whether the master key is the one that the database was written with (F36).
//!
//! The first start seals a known text under it; each later one must be able to open it.

use super::KeyError;
use crate::{
    db::{Tx, setting},
    domain::{clock::Clock, seal::Seal},
};

const NAME: &str = "key_canary";
const TEXT: &[u8] = b"skep";

/// Puts the canary where there is none; whether there was none.
///
/// # Errors
/// The database's.
pub async fn first(tx: &mut Tx, seal: &Seal, clock: &dyn Clock) -> Result<bool, KeyError> {
    Ok(setting::put_new(tx, NAME, &fresh(seal, clock)).await?)
}

/// Checks the master key. Until the transaction ends nobody else does, so keys change one after the other.
///
/// # Errors
/// [`KeyError::WrongMaster`]; the database's.
pub async fn held(tx: &mut Tx, seal: &Seal) -> Result<(), KeyError> {
    let kept = setting::hold(tx, NAME).await?.unwrap_or_default();
    let opened = hex::decode(kept).ok().and_then(|sealed| seal.open_by_master(NAME, &sealed).ok());
    if opened.as_deref() == Some(TEXT) { Ok(()) } else { Err(KeyError::WrongMaster) }
}

/// From now on the master key of `seal` is the right one.
///
/// # Errors
/// The database's.
pub async fn replace(tx: &mut Tx, seal: &Seal, clock: &dyn Clock) -> Result<(), KeyError> {
    Ok(setting::put(tx, NAME, &fresh(seal, clock)).await?)
}

fn fresh(seal: &Seal, clock: &dyn Clock) -> String {
    hex::encode(seal.seal_by_master(clock, NAME, TEXT))
}
