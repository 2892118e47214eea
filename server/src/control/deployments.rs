//! Deployments: start one, look at them, cancel, return to an older release.

use std::collections::BTreeSet;

use super::{Ctx, Error, audit, pinned, services};
use crate::{
    bus::Hint,
    db,
    deploy::queue::{NotQueued, Order, queue},
    domain::{
        app::{App, Source, Wanted},
        audit::{Action, Change, Object},
        deployment::{Cause, Deployment, State},
        fault::Wrong,
        id::{AppId, DeploymentId, ReleaseId},
        name::Sha,
        release::Release,
        right::Right,
    },
};

/// The longest reason, characters.
const REASON: usize = 500;

/// Starts a deployment of the newest commit, or of the one given. A stopped app is started by it.
///
/// # Errors
/// [`Error::NotFound`]; a commit for a source that has none; the app is being removed.
pub async fn create(
    cx: &Ctx,
    app: AppId,
    reason: Option<String>,
    commit: Option<Sha>,
) -> Result<Deployment, Error> {
    create_part(cx, app, reason, commit, Vec::new()).await
}

/// The same for some services of a Compose app alone; the whole app if none is named.
///
/// # Errors
/// As [`create`]; a service that the release does not have; the app is stopped; what waits for its
/// turn cannot be brought together with it.
pub async fn create_part(
    cx: &Ctx,
    app: AppId,
    reason: Option<String>,
    commit: Option<Sha>,
    services: Vec<String>,
) -> Result<Deployment, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::Deploy).await?;
    drop(tx);
    let reason = words("reason", reason, REASON)?;
    let services = known(cx, app, services).await?;
    let pin = pinned::pinned(cx, app, commit).await?;
    let mut tx = cx.parts.db.write().await?;
    if !services.is_empty() {
        alone(cx, &mut tx, app, pin.commit.as_ref(), &services).await?;
    }
    let app = runnable(cx, &mut tx, app).await?;
    if pin.commit.is_some() && !matches!(app.source, Source::Git { .. }) {
        return Err(Error::wrong("commit", Wrong::new("only an app from git has commits")));
    }
    let pinned::Pinned { commit, named, title, author } = pin;
    let cause = Cause::Person { user: cx.actor.user };
    let order = Order { cause, services, reason, commit, named, title, author };
    let deployment = ordered(cx, &mut tx, &app, order).await?;
    let change = Change::made(&told_of(&app, &deployment));
    audit::record(cx, &mut tx, Action::DeploymentCreate, object(&app, &deployment), change).await?;
    tx.commit().await?;
    told(cx, &deployment).await;
    Ok(deployment)
}

/// Applies a kept release again, as it was.
///
/// # Errors
/// [`Error::NotFound`] of app or release.
pub async fn rollback(
    cx: &Ctx,
    app: AppId,
    to: Option<ReleaseId>,
    reason: Option<String>,
) -> Result<Deployment, Error> {
    let reason = words("reason", reason, REASON)?;
    let mut tx = cx.parts.db.write().await?;
    let app = runnable(cx, &mut tx, app).await?;
    let release = match to {
        Some(id) => db::release::get(&mut tx, app.id, id).await?,
        // Without a name: the one before the one that serves.
        None => db::release::list(&mut tx, app.id, 2).await?.into_iter().nth(1),
    };
    let release = release.ok_or(Error::NotFound("release"))?;
    let order = Order {
        cause: Cause::Rollback { user: cx.actor.user, to: release.id },
        services: BTreeSet::new(),
        reason,
        commit: release.commit.clone(),
        named: false,
        title: None,
        author: None,
    };
    let deployment = ordered(cx, &mut tx, &app, order).await?;
    let change = Change::made(&told_of(&app, &deployment));
    audit::record(cx, &mut tx, Action::DeploymentRollback, object(&app, &deployment), change).await?;
    tx.commit().await?;
    told(cx, &deployment).await;
    Ok(deployment)
}

/// An app's deployments with a number below `before`, newest first, at most 100.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(cx: &Ctx, app: AppId, before: Option<i64>, limit: i64) -> Result<Vec<Deployment>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(db::deployment::of_app(&mut tx, app, before.unwrap_or(i64::MAX), limit.clamp(1, 100)).await?)
}

/// One deployment.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Ctx, id: DeploymentId) -> Result<Deployment, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.deployment(&mut tx, id, Right::View).await
}

/// The steps that were begun, in order.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn steps(cx: &Ctx, id: DeploymentId) -> Result<Vec<db::step::Record>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.deployment(&mut tx, id, Right::View).await?;
    Ok(db::step::list(&mut tx, id).await?)
}

/// Log lines after number `after`, at most 1000.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn log(cx: &Ctx, id: DeploymentId, after: i64, limit: i64) -> Result<Vec<db::log::Line>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.deployment(&mut tx, id, Right::Logs).await?;
    Ok(db::log::after(&mut tx, id, after.max(0), limit.clamp(1, 1000)).await?)
}

/// Stops a deployment. One that waits ends at once; one that runs within seconds.
///
/// # Errors
/// [`Error::NotFound`]; it has ended.
pub async fn cancel(cx: &Ctx, id: DeploymentId) -> Result<Deployment, Error> {
    let mut tx = cx.parts.db.write().await?;
    let (app, deployment) = cx.deployment_of(&mut tx, id, Right::Deploy).await?;
    if !db::deployment::cancel(&mut tx, id).await? {
        return Err(Error::conflict(
            "ended",
            format!("the deployment is {} already", deployment.state.name().replace('_', " ")),
        ));
    }
    let from = deployment.state;
    let deployment = if matches!(from, State::AwaitingApproval | State::Queued) {
        let ended = deployment.cancelled(cx.now()).map_err(Error::internal)?;
        db::deployment::save(&mut tx, from, &ended).await?;
        ended
    } else {
        // It may wait for another try of its step.
        db::job::hurry(&mut tx, &format!("app:{}", deployment.app)).await?;
        Deployment { cancel: true, ..deployment }
    };
    audit::record(cx, &mut tx, Action::DeploymentCancel, object(&app, &deployment), Change::none()).await?;
    tx.commit().await?;
    told(cx, &deployment).await;
    Ok(deployment)
}

/// The newest deployment of each app of the team.
///
/// # Errors
/// The database.
pub async fn newest(cx: &Ctx) -> Result<Vec<Deployment>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut newest = db::deployment::newest(&mut tx, cx.team(), None).await?;
    if !cx.access.sees_all() {
        let apps = db::app::list(&mut tx, cx.team()).await?;
        let seen: BTreeSet<AppId> =
            apps.iter().filter(|app| cx.access.sees(app.environment)).map(|app| app.id).collect();
        newest.retain(|deployment| seen.contains(&deployment.app));
    }
    Ok(newest)
}

/// The kept releases of an app, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn releases(cx: &Ctx, app: AppId) -> Result<Vec<Release>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(db::release::list(&mut tx, app, 100).await?)
}

/// The named services, which the release that serves has; before the first one only a deployment can
/// tell. The one service of an app of one image is the whole app.
pub(super) async fn known(cx: &Ctx, app: AppId, asked: Vec<String>) -> Result<BTreeSet<String>, Error> {
    if asked.is_empty() {
        return Ok(BTreeSet::new());
    }
    let app = super::apps::get(cx, app).await?;
    let all = services::list(cx, app.id).await?;
    let names = services::names(&all);
    let mut faults = Vec::new();
    for (i, name) in asked.iter().enumerate() {
        let rule = if !app.composed() {
            (name != app.name.as_str()).then(|| "must be left out: the app is one service".to_owned())
        } else if all.is_empty() {
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let right = (1..=63).contains(&name.len()) && name.chars().all(fine);
            (!right).then(|| "must be the name of a service in the Compose file".to_owned())
        } else {
            all.iter().all(|service| service.name != *name).then(|| {
                format!("must be one of the services that run: {names}; new ones come with the whole app")
            })
        };
        let fault = |rule| Wrong::coded("unknown_service", rule).at(format!("services[{i}]"));
        faults.extend(rule.map(fault));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(if app.composed() { asked.into_iter().collect() } else { BTreeSet::new() })
}

/// Of a stopped app the others would start as well.
pub(super) fn may_alone(app: &App) -> Result<(), Error> {
    let rule = "the app is stopped: start it first, or deploy the whole app";
    if app.wanted == Wanted::Stopped { Err(Error::conflict("stopped", rule)) } else { Ok(()) }
}

/// Whether some services can be deployed alone now: what waits is brought together with them
/// (`deploy::part`), unless that would take the others to another commit, or undo a return.
async fn alone(
    cx: &Ctx,
    tx: &mut db::Tx,
    app: AppId,
    commit: Option<&Sha>,
    services: &BTreeSet<String>,
) -> Result<(), Error> {
    let app = cx.app(tx, app, Right::Deploy).await?;
    db::app::lock(tx, app.id).await?;
    may_alone(&app)?;
    // One that awaits approval is the newer one, and has taken the other in.
    let Some(waiting) = db::deployment::unstarted(tx, app.id).await?.into_iter().next() else {
        return Ok(());
    };
    let pinned = match &waiting.cause {
        Cause::Person { .. } => waiting.commit.as_ref(),
        _ => None,
    };
    let others = waiting.whole() || !waiting.services.is_subset(services);
    if matches!(waiting.cause, Cause::Rollback { .. }) || (others && pinned != commit) {
        let rule = format!(
            "deployment {} waits, of another version of the other services: cancel it, or wait until it ended",
            waiting.number
        );
        return Err(Error::conflict("waiting", rule));
    }
    Ok(())
}

/// The app, unless it is being removed.
async fn runnable(cx: &Ctx, tx: &mut db::Tx, id: AppId) -> Result<App, Error> {
    let app = cx.app(tx, id, Right::Deploy).await?;
    if app.wanted == Wanted::Removed {
        return Err(Error::conflict("removed", "the app is being removed"));
    }
    Ok(app)
}

/// Queues it; a stopped app is made to run by what is queued, not by what awaits approval.
async fn ordered(cx: &Ctx, tx: &mut db::Tx, app: &App, order: Order) -> Result<Deployment, Error> {
    let deployment = queue(tx, &cx.parts, app, order).await.map_err(|why| match why {
        NotQueued::Refused(broken) => Error::wrong(broken.0, broken.1),
        NotQueued::Db(error) => error.into(),
    })?;
    if app.wanted == Wanted::Stopped && deployment.state == State::Queued {
        db::app::want(tx, app.id, Wanted::Running, cx.now()).await?;
    }
    Ok(deployment)
}

/// Words of a person at `field`: text of at most `most` characters; none if empty.
pub(super) fn words(field: &str, text: Option<String>, most: usize) -> Result<Option<String>, Error> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match &text {
        Some(text) if text.chars().count() > most || text.chars().any(|c| c.is_control() && c != '\n') => {
            Err(Error::wrong(field, Wrong::new(format!("must be text of at most {most} characters"))))
        }
        _ => Ok(text),
    }
}

/// A deployment as the audit log names it.
pub(super) fn object(app: &App, deployment: &Deployment) -> Object {
    Object::new("deployment", deployment.id, format!("{}:{}", app.name, deployment.number))
        .of_environment(app.environment)
}

/// What the audit log tells of a deployment that begins.
fn told_of(app: &App, deployment: &Deployment) -> serde_json::Value {
    serde_json::json!({
        "app": app.name.as_str(),
        "commit": deployment.commit.as_ref().map(Sha::as_str),
        "reason": deployment.reason,
        "services": deployment.services.iter().cloned().collect::<Vec<_>>().join(", "),
    })
}

/// Tells whoever watches the deployment, its app, or the jobs.
pub(super) async fn told(cx: &Ctx, deployment: &Deployment) {
    cx.parts.bus.publish(Hint::Jobs).await;
    cx.parts.bus.publish(Hint::Deployment { deployment: deployment.id }).await;
    cx.parts.bus.publish(Hint::App { app: deployment.app }).await;
}
