//! Signs a certificate for a private name, by the authority of the instance, which is made when it is first
//! needed.

use super::certificate::save;
use crate::{
    acme::{
        authority::{self, Authority},
        certificate, renew_at,
    },
    db::{self, Tx},
    deploy::{parts::Parts, run::Stop},
    domain::{
        certificate::{Certificate, Plan, State},
        clock::Time,
    },
};

/// Signs it now, whatever it was before.
///
/// # Errors
/// [`Stop::Retry`] while the database does not answer.
pub(super) async fn issue(parts: &Parts, mut row: Certificate, now: Time) -> Result<(), Stop> {
    row.tried_at = Some(now);
    row.checks = 0;
    let issued = match known(parts, now).await? {
        Ok(authority) => authority.issue(&row.host, now),
        Err(why) => Err(why),
    };
    match issued {
        Ok(issued) => {
            row.state = State::Issued;
            row.reason = None;
            row.failures = 0;
            row.next_try_at = renew_at(issued.not_before, issued.not_after);
            let issuer = certificate::read(&issued.chain).map(|facts| facts.issuer).ok();
            row.plan = Plan { issuer, renew_at: Some(row.next_try_at), ..Plan::default() };
            row.not_before = Some(issued.not_before);
            row.not_after = Some(issued.not_after);
            row.chain = Some(issued.chain);
            row.sealed_key =
                Some(parts.seal.seal(&*parts.clock, "certificate", issued.key.expose().as_bytes()));
        }
        Err(why) => {
            row.state = State::Failed;
            row.failures += 1;
            row.next_try_at = now + chrono::Duration::hours(1);
            row.reason = Some(why);
        }
    }
    save(parts, &row).await
}

/// The authority; the one that was made first, whoever makes one at the same time.
async fn known(parts: &Parts, now: Time) -> Result<Result<Authority, String>, Stop> {
    let mut tx = parts.db.read().await?;
    if let Some(found) = read(parts, &mut tx).await? {
        return Ok(found);
    }
    drop(tx);
    let made = match authority::make(now) {
        Ok(made) => made,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let sealed = parts.seal.seal(&*parts.clock, "internal ca", made.key.expose().as_bytes());
    let mut tx = parts.db.write().await?;
    db::own_certificate::put_authority(&mut tx, &made.certificate, &sealed, now).await?;
    let first = read(parts, &mut tx).await?;
    tx.commit().await?;
    Ok(first.unwrap_or(Ok(made)))
}

async fn read(parts: &Parts, tx: &mut Tx) -> Result<Option<Result<Authority, String>>, Stop> {
    let Some((certificate, sealed)) = db::own_certificate::authority(tx).await? else { return Ok(None) };
    let key = parts.seal.open_text("internal ca", &sealed);
    Ok(Some(
        key.map(|key| Authority { certificate, key })
            .map_err(|error| format!("the key of the internal authority cannot be opened: {error}")),
    ))
}
