//! Takes a domain away from its app.

use crate::{
    bus::Hint,
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::{AppId, DomainId},
        right::Right,
    },
};

/// Takes a domain away; its route is gone within seconds.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(cx: &Ctx, app: AppId, id: DomainId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    let gone = db::domain_name::remove(&mut tx, app, id).await?.ok_or(Error::NotFound("domain"))?;
    audit::record(
        cx,
        &mut tx,
        Action::DomainRemove,
        Object::new("domain", id, gone.host).of_environment(of.environment),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(())
}
