//! Takes a certificate away that the team brought along.

use super::object;
use crate::{
    bus::Hint,
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        id::OwnCertificateId,
        right::Right,
    },
};

/// Removes it. Its hosts get certificates of an authority again, as soon as one gives them.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn remove(cx: &Ctx, id: OwnCertificateId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let own = cx.own_certificate(&mut tx, id, Right::Credentials).await?;
    if !db::own_certificate::remove(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("certificate"));
    }
    db::acme::uncover(&mut tx, cx.now()).await?;
    audit::record(cx, &mut tx, Action::CertificateRemove, object(&own), Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(())
}
