//! Takes a public port away from its app.

use crate::{
    bus::Hint,
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::{AppId, PortId},
        right::Right,
    },
};

/// Takes a public port away; nothing listens for the app there within seconds.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(cx: &Ctx, app: AppId, id: PortId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    let gone = db::port::remove(&mut tx, app, id).await?.ok_or(Error::NotFound("port"))?;
    let called = format!("{} {}", gone.protocol.name(), gone.public);
    let object = Object::new("port", id, called).of_environment(of.environment);
    audit::record(cx, &mut tx, Action::PortRemove, object, Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(())
}
