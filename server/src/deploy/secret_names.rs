//! The key under which the names of Swarm's secrets are made of their values. It is the instance's own,
//! made when the first secret is deployed, sealed as all else is, and never changed: another key would
//! be other names, and so would replace the tasks of every app that has such a secret.

use skep_stack::secret_files::NameKey;
use zeroize::Zeroizing;

use super::{parts::Parts, run::Stop};
use crate::{db, domain::step::Step};

/// The key; made if there is none.
///
/// # Errors
/// It cannot be opened; the database.
pub async fn key(parts: &Parts) -> Result<NameKey, Stop> {
    if let Some(key) = known(parts).await? {
        return Ok(key);
    }
    let sealed = parts.seal.seal(&*parts.clock, "name key", fresh(parts).as_slice());
    let mut tx = parts.db.write().await?;
    db::name_key::insert(&mut tx, &sealed).await?;
    tx.commit().await?;
    // Another server's, if that was first.
    known(parts).await?.ok_or_else(|| damaged("it is gone"))
}

/// The key for a plan that writes nothing: before the first secret is deployed, one of that moment, as no
/// name that it gives can be there already.
///
/// # Errors
/// As [`key`].
pub async fn key_of_preview(parts: &Parts) -> Result<NameKey, Stop> {
    Ok(match known(parts).await? {
        Some(key) => key,
        None => NameKey::new(*fresh(parts)),
    })
}

async fn known(parts: &Parts) -> Result<Option<NameKey>, Stop> {
    let mut tx = parts.db.read().await?;
    let Some(sealed) = db::name_key::get(&mut tx).await? else { return Ok(None) };
    drop(tx);
    let bytes = Zeroizing::new(parts.seal.open("name key", &sealed).map_err(|e| damaged(&e.to_string()))?);
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| damaged("it has another length"))?;
    Ok(Some(NameKey::new(bytes)))
}

fn fresh(parts: &Parts) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    parts.clock.fill(bytes.as_mut_slice());
    bytes
}

fn damaged(why: &str) -> Stop {
    Stop::failed(Step::Plan, "sealed", format!("the key of the names of secrets cannot be read: {why}"))
}
