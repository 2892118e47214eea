//! Forgets a domain and its proof.

use super::object;
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        id::VerifiedDomainId,
        right::Right,
    },
};

/// Forgets it. Hosts that apps have there stay theirs.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn release(cx: &Ctx, id: VerifiedDomainId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let gone = cx.verified_domain(&mut tx, id, Right::Credentials).await?;
    if !db::verified_domain::remove(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("domain"));
    }
    audit::record(cx, &mut tx, Action::DomainRelease, object(&gone), Change::none()).await?;
    tx.commit().await?;
    Ok(())
}
