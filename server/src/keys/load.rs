//! Learns what data keys there are; each server does so each second.

use super::KeyError;
use crate::{
    db::{self, Db},
    domain::seal::Seal,
};

/// Puts the data keys of the database into the ring. Which one seals is decided by the database's
/// clock, so that servers agree on it.
///
/// # Errors
/// [`KeyError::OtherMaster`], and the ring stays as it was; the database's.
pub async fn load(db: &Db, seal: &Seal) -> Result<(), KeyError> {
    let mut tx = db.read().await?;
    let keys = db::data_key::list(&mut tx).await?;
    let now = db::now(&mut tx).await?;
    drop(tx);
    seal.learn(&keys, now).map_err(KeyError::OtherMaster)
}
