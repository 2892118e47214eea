//! One app, or one deployment, with everything that its page shows, in one snapshot.

use std::collections::HashMap;

use skep_stack::plan::{Change, Line};

use super::{Ctx, Error, apps::Placed, release_diff};
use crate::{
    db,
    deploy::plan::{Planned, of_release},
    domain::{
        clock::Time,
        deployment::Deployment,
        domain_name::Domain,
        id::{AppId, DeploymentId, ReleaseId},
        release::Release,
        right::Right,
        shift::Shift,
        step::Step,
    },
};

/// An app.
#[derive(Debug, Clone)]
pub struct AppDetail {
    /// The app, its place and its newest deployment.
    pub placed: Placed,
    /// The generation that serves, if one does.
    pub live: Option<i64>,
    /// Oldest first, each with the end of its certificate, if there is one.
    pub domains: Vec<(Domain, Option<Time>)>,
    /// What serves, with the title of its commit.
    pub release: Option<(Release, Option<String>)>,
    /// The deployment that runs, or else waits.
    pub active: Option<Deployment>,
}

/// Reads an app.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn app(cx: &Ctx, id: AppId) -> Result<AppDetail, Error> {
    let mut placed = super::apps::placed(cx, id).await?;
    let mut tx = cx.parts.db.read().await?;
    let newest = db::deployment::of_app(&mut tx, id, i64::MAX, 10).await?;
    let live = db::deployment::living(&mut tx, id).await?.map(|d| d.generation);
    let mut titles: HashMap<ReleaseId, _> = db::release::titles(&mut tx, id).await?.into_iter().collect();
    let release = db::release::current(&mut tx, id).await?;
    let active = newest.iter().find(|d| d.state.running()).or(newest.iter().find(|d| !d.state.ended()));
    placed.newest = newest.first().cloned();
    Ok(AppDetail {
        live,
        domains: db::domain_name::certified(&mut tx, id).await?,
        release: release.map(|release| {
            let title = titles.remove(&release.id).flatten();
            (release, title)
        }),
        active: active.cloned(),
        placed,
    })
}

/// An app's kept releases, newest first, each with the title of its commit.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn releases(cx: &Ctx, id: AppId) -> Result<Vec<(Release, Option<String>)>, Error> {
    let releases = super::deployments::releases(cx, id).await?;
    let mut tx = cx.parts.db.read().await?;
    let mut titles: HashMap<ReleaseId, _> = db::release::titles(&mut tx, id).await?.into_iter().collect();
    let titled = |release: Release| {
        let title = titles.remove(&release.id).flatten();
        (release, title)
    };
    Ok(releases.into_iter().map(titled).collect())
}

/// A deployment.
#[derive(Debug)]
pub struct DeploymentDetail {
    /// The deployment.
    pub deployment: Deployment,
    /// Its app, with its place.
    pub placed: Placed,
    /// The engine's actions, once planned.
    pub plan: Option<Vec<Line>>,
    /// The release that it made, while it is kept.
    pub release: Option<Release>,
    /// What differs from the release before.
    pub changes: Option<Vec<Change>>,
    /// Where its visitors are, while it leads them over.
    pub shift: Option<Shift>,
}

/// Reads a deployment.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn deployment(cx: &Ctx, id: DeploymentId) -> Result<DeploymentDetail, Error> {
    let deployment = super::deployments::get(cx, id).await?;
    let placed = super::apps::placed(cx, deployment.app).await?;
    let mut tx = cx.parts.db.read().await?;
    let steps = db::step::list(&mut tx, id).await?;
    let release = db::release::of_deployment(&mut tx, deployment.app, id).await?;
    let shift = db::shift::get(&mut tx, id).await?;
    let before = match &release {
        Some(release) => db::release::before(&mut tx, deployment.app, release.number).await?,
        None => None,
    };
    drop(tx);
    let planned = steps.into_iter().find(|record| record.step == Step::Plan).and_then(|record| record.output);
    let planned = planned.and_then(|output| serde_json::from_value::<Planned>(output.0).ok());
    let changes = match (&before, &release) {
        // Sealed under a key that was lost: the page is shown without the comparison.
        (Some(before), Some(release)) => compare(cx, before, release).await,
        _ => None,
    };
    let plan = planned.map(|planned| planned.lines);
    Ok(DeploymentDetail { deployment, placed, plan, release, changes, shift })
}

async fn compare(cx: &Ctx, before: &Release, after: &Release) -> Option<Vec<Change>> {
    let before = of_release(&cx.parts, before).await.ok()?;
    let after = of_release(&cx.parts, after).await.ok()?;
    Some(release_diff::diff(&before, &after))
}

/// The last `limit` lines of a deployment's log, oldest first; at most 5000.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn log_tail(cx: &Ctx, id: DeploymentId, limit: i64) -> Result<Vec<db::log::Line>, Error> {
    let limit = limit.clamp(1, 5_000);
    let mut tx = cx.parts.db.read().await?;
    cx.deployment(&mut tx, id, Right::Logs).await?;
    let last = db::log::last(&mut tx, id).await?;
    Ok(db::log::after(&mut tx, id, (last - limit).max(0), limit).await?)
}

/// How many deployments an app has had.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn count(cx: &Ctx, app: AppId) -> Result<u64, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(u64::try_from(db::deployment::count_of_app(&mut tx, app).await?).unwrap_or_default())
}

/// The newest deliveries of an app, with what is told along with each.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn deliveries(
    cx: &Ctx,
    app: AppId,
    limit: i64,
) -> Result<Vec<(crate::domain::delivery::Delivery, db::delivery::About)>, Error> {
    let limit = limit.clamp(1, 100);
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    let list = db::delivery::list(&mut tx, app, limit).await?;
    let about = db::delivery::about(&mut tx, app, limit).await?;
    let mut about: HashMap<_, _> = about.into_iter().map(|about| (about.id, about)).collect();
    Ok(list.into_iter().filter_map(|delivery| about.remove(&delivery.id).map(|a| (delivery, a))).collect())
}
