//! What volumes hold, for teams whose storage has a quota. The engine reads every file to say so: it is not
//! asked where no team has one. Each server measures its own engine's node.

use super::Trouble;
use crate::{db, deploy::parts::Parts};

/// Measures the volumes of this engine's node.
///
/// # Errors
/// See [`Trouble`]; what was measured before stays.
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let mut tx = parts.db.read().await?;
    if !db::quota::bounds_storage(&mut tx).await? {
        return Ok(());
    }
    drop(tx);
    let node = parts.engine.info().await?.node_id;
    let sizes: Vec<_> = parts.engine.volume_sizes().await?.into_iter().collect();
    let mut tx = parts.db.write().await?;
    db::quota::measured(&mut tx, &node, &sizes, parts.clock.now()).await?;
    Ok(tx.commit().await?)
}
