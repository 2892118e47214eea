//! Looks for the record that proves a domain.

use super::object;
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        fault::Wrong,
        id::VerifiedDomainId,
        right::Right,
        verified_domain::VerifiedDomain,
    },
};

/// Asks the servers of the domain's zone for the record; each of them must give it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; the record is not there, and what must be put where.
pub async fn verify(cx: &Ctx, id: VerifiedDomainId) -> Result<VerifiedDomain, Error> {
    let mut tx = cx.parts.db.read().await?;
    let claimed = cx.verified_domain(&mut tx, id, Right::Credentials).await?;
    drop(tx);
    let record = claimed.record();
    if let Err(why) = stands(cx, &record, &claimed.token).await {
        let rule = format!("put a TXT record at {record} with the value {}: {why}", claimed.token);
        return Err(Error::wrong("domain", Wrong::coded("record_missing", rule)));
    }
    let mut tx = cx.parts.db.write().await?;
    let before = cx.verified_domain(&mut tx, id, Right::Credentials).await?;
    db::verified_domain::verified(&mut tx, cx.team(), id, cx.now()).await?;
    audit::record(cx, &mut tx, Action::DomainVerify, object(&before), Change::none()).await?;
    tx.commit().await?;
    Ok(VerifiedDomain { verified_at: Some(cx.now()), ..before })
}

/// Whether the value stands at the name; else what stands there, for people.
async fn stands(cx: &Ctx, name: &str, value: &str) -> Result<(), String> {
    let look = &cx.parts.look;
    let target = look.target(name).await?;
    for server in look.authorities(&target).await?.servers {
        let found = look.txt(server, &target).await?;
        if !found.iter().any(|found| found == value) {
            let what = if found.is_empty() { "no TXT record" } else { "other values only" };
            return Err(format!("name server {} gives {what} there", server.ip()));
        }
    }
    Ok(())
}
