//! The ring of data keys is that of the database, and no old key stays for ever.

use super::Trouble;
use crate::{
    deploy::parts::Parts,
    keys::{self, KEEP},
};

/// Learns data keys, long before they seal.
///
/// # Errors
/// See [`Trouble`]; the ring stays as it was.
pub async fn learn(parts: Parts) -> Result<(), Trouble> {
    Ok(keys::load(&parts.db, &parts.seal).await?)
}

/// Deletes data keys that were retired a day ago.
///
/// # Errors
/// See [`Trouble`].
pub async fn sweep(parts: Parts) -> Result<(), Trouble> {
    let say = |progress| tracing::info!("Keys: {progress}");
    Ok(keys::forget(&parts.db, &parts.seal, &*parts.clock, KEEP, &say).await?)
}
