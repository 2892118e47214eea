//! Records that were put for a challenge, and whose server ended before it took them away.

use chrono::Duration;

use super::Trouble;
use crate::{db, deploy::dns_record::take_away, deploy::parts::Parts};

/// Records that are taken away in one round at most.
const AT_ONCE: i64 = 20;
/// When one that could not be taken away is tried again.
const AGAIN: Duration = Duration::minutes(5);
/// After this it stays: the provider does not know us any more.
const LONGEST: Duration = Duration::days(3);

/// Takes away what is due.
///
/// # Errors
/// See [`Trouble`].
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let due = db::dns_provider::due_records(&mut tx, now, AT_ONCE).await?;
    drop(tx);
    for record in due {
        let mut tx = parts.db.read().await?;
        let provider = db::dns_provider::of_record(&mut tx, &record).await?;
        drop(tx);
        let Some(provider) = provider else { continue };
        let Err(why) = take_away(&parts, &provider, &record).await else { continue };
        let given_up = record.created_at + LONGEST <= now;
        tracing::warn!(name = record.name, provider = %provider.name, why, given_up, "A record cannot be taken away");
        let mut tx = parts.db.write().await?;
        if given_up {
            db::dns_provider::drop_record(&mut tx, record.id).await?;
        } else {
            db::dns_provider::put_off_record(&mut tx, record.id, now + AGAIN).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
