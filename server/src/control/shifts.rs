//! Visitors on their way to a new version: seen, led on, held.

use super::{Ctx, Error, audit, deployments::object};
use crate::{
    bus::Hint,
    db,
    domain::{
        audit::{Action, Change},
        id::DeploymentId,
        right::Right,
        shift::Shift,
    },
};

/// Where the visitors of a deployment are; none if it leads nobody over now.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Ctx, id: DeploymentId) -> Result<Option<Shift>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.deployment(&mut tx, id, Right::View).await?;
    Ok(db::shift::get(&mut tx, id).await?)
}

/// The next step comes now, whatever is waited for; after the last the old version goes.
///
/// # Errors
/// [`Error::NotFound`]; nobody is on the way.
pub async fn go_on(cx: &Ctx, id: DeploymentId) -> Result<Shift, Error> {
    let go_on = |shift: Shift| Shift { go_on: true, ..shift };
    change(cx, id, Action::DeploymentGoOn, go_on).await
}

/// The next step waits until somebody says so.
///
/// # Errors
/// As [`go_on`].
pub async fn hold(cx: &Ctx, id: DeploymentId) -> Result<Shift, Error> {
    let now = cx.now();
    change(cx, id, Action::DeploymentHold, |shift| shift.held(now)).await
}

async fn change(
    cx: &Ctx,
    id: DeploymentId,
    action: Action,
    to: impl FnOnce(Shift) -> Shift,
) -> Result<Shift, Error> {
    let mut tx = cx.parts.db.write().await?;
    let (app, deployment) = cx.deployment_of(&mut tx, id, Right::Deploy).await?;
    let shift = db::shift::get(&mut tx, id).await?.filter(|_| !deployment.cancel);
    let shift = shift.ok_or_else(|| {
        Error::conflict(
            "not_shifting",
            format!(
                "the deployment leads no visitors over now: it is {}",
                deployment.state.name().replace('_', " ")
            ),
        )
    })?;
    let shift = to(shift);
    db::shift::put(&mut tx, &shift).await?;
    db::job::hurry(&mut tx, &format!("app:{}", app.id)).await?;
    audit::record(cx, &mut tx, action, object(&app, &deployment), Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Jobs).await;
    cx.parts.bus.publish(Hint::Deployment { deployment: id }).await;
    Ok(shift)
}
