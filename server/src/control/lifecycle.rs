//! Stop, start, restart, scale and remove an app.

use super::{Ctx, Error};
use crate::{
    bus::Hint,
    db,
    domain::{
        app::{App, Wanted},
        fault::Wrong,
        id::{AppId, JobId},
        job::Work,
    },
};

/// Replicas of one app at most.
const MOST: u64 = 100;

/// Scales the app to nothing; its replicas are kept for the next start.
///
/// # Errors
/// [`Error::NotFound`]; it is being removed.
pub async fn stop(cx: &Ctx, id: AppId) -> Result<App, Error> {
    change(cx, id, Some(Wanted::Stopped), None, false).await
}

/// Runs it again with the replicas that it had.
///
/// # Errors
/// [`Error::NotFound`]; it is being removed.
pub async fn start(cx: &Ctx, id: AppId) -> Result<App, Error> {
    change(cx, id, Some(Wanted::Running), None, false).await
}

/// Replaces all tasks by new ones of the same release.
///
/// # Errors
/// [`Error::NotFound`]; it is stopped or being removed.
pub async fn restart(cx: &Ctx, id: AppId) -> Result<App, Error> {
    change(cx, id, None, None, true).await
}

/// Sets the replicas, now and for later.
///
/// # Errors
/// [`Error::NotFound`]; more than an app may have; a volume allows one writer only.
pub async fn scale(cx: &Ctx, id: AppId, replicas: u64) -> Result<App, Error> {
    if !(1..=MOST).contains(&replicas) {
        let wrong = Wrong::coded("quota", format!("must be 1 to {MOST}; to run none, stop the app"));
        return Err(Error::wrong("replicas", wrong));
    }
    change(cx, id, None, Some(replicas), false).await
}

async fn change(
    cx: &Ctx,
    id: AppId,
    wanted: Option<Wanted>,
    replicas: Option<u64>,
    restart: bool,
) -> Result<App, Error> {
    let mut tx = cx.parts.db.write().await?;
    let mut app = db::app::get(&mut tx, cx.team(), id).await?.ok_or(Error::NotFound("app"))?;
    match app.wanted {
        Wanted::Removed => return Err(Error::conflict("removed", "the app is being removed")),
        Wanted::Stopped if restart => return Err(Error::conflict("stopped", "the app is stopped; start it")),
        _ => {}
    }
    if let Some(wanted) = wanted {
        db::app::want(&mut tx, id, wanted, cx.now()).await?;
        app.wanted = wanted;
    }
    if let Some(replicas) = replicas {
        app.settings.replicas = Some(replicas);
        if !db::app::scale(&mut tx, &app, cx.now()).await? {
            return Err(Error::conflict("changed", "the app was changed meanwhile; load it again"));
        }
        app.generation += 1;
    }
    enqueue(cx, &mut tx, &Work::Settle { app: id, restart }).await?;
    tx.commit().await?;
    tell(cx, id).await;
    Ok(app)
}

/// Removes an app and everything that is its own; its volumes only when asked. A deployment that
/// runs is cancelled.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(cx: &Ctx, id: AppId, volumes: bool) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let app = db::app::get(&mut tx, cx.team(), id).await?.ok_or(Error::NotFound("app"))?;
    if app.wanted == Wanted::Removed {
        return Ok(());
    }
    db::app::want(&mut tx, id, Wanted::Removed, cx.now()).await?;
    for deployment in db::deployment::of_app(&mut tx, id, i64::MAX, 2).await? {
        db::deployment::cancel(&mut tx, deployment.id).await?;
    }
    enqueue(cx, &mut tx, &Work::RemoveApp { app: id, volumes }).await?;
    tx.commit().await?;
    tell(cx, id).await;
    Ok(())
}

/// Jobs of one app run one after the other.
async fn enqueue(cx: &Ctx, tx: &mut db::Tx, work: &Work) -> Result<(), Error> {
    let (Work::Settle { app, .. } | Work::RemoveApp { app, .. }) = work else { return Ok(()) };
    let id = JobId::new(&*cx.parts.clock);
    Ok(db::job::enqueue(tx, id, work, &format!("app:{app}")).await?)
}

async fn tell(cx: &Ctx, app: AppId) {
    cx.parts.bus.publish(Hint::Jobs).await;
    cx.parts.bus.publish(Hint::App { app }).await;
}
