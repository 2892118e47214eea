//! Certificates that are due get a job; one order at a time for each host, whatever the number of
//! replicas: the job's lock key is the host. A wildcard has that of the name below which it lies, as both are
//! proved by records of the same name. Renewals go first, and of these what ends first.

use super::Trouble;
use crate::{
    bus::Hint,
    db,
    deploy::parts::Parts,
    domain::{id::JobId, job::Work},
};

/// Jobs for certificates at the same time at most: thousands that are due leave the workers to others.
const AT_ONCE: i64 = 10;

/// Enqueues what is due.
///
/// # Errors
/// See [`Trouble`].
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let room = AT_ONCE - db::acme::at_work(&mut tx).await?;
    let due = if room > 0 { db::acme::due(&mut tx, now, room).await? } else { Vec::new() };
    drop(tx);
    if due.is_empty() {
        return Ok(());
    }
    let mut tx = parts.db.write().await?;
    for certificate in due {
        let work = Work::Certificate { host: certificate.host.to_string() };
        let key = format!("certificate:{}", certificate.host.base());
        if !db::job::is_open(&mut tx, &key, work.kind()).await? {
            db::job::enqueue(&mut tx, JobId::new(&*parts.clock), &work, &key).await?;
        }
    }
    tx.commit().await?;
    parts.bus.publish(Hint::Jobs).await;
    Ok(())
}
