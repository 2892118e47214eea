//! Everything of a team at a glance: a fixed number of queries in one snapshot, whatever the
//! number of apps.

use std::collections::HashMap;

use super::{Ctx, Error};
use crate::{
    db::{self, Tx},
    domain::{
        app::App,
        clock::Time,
        deployment::{Cause, Deployment},
        domain_name::Domain,
        id::{AppId, EnvironmentId, ProjectId, ReleaseId, UserId},
        name::Email,
        project::{Environment, Project},
    },
};

/// Deployments that wait or run, shown at most.
const OPEN: i64 = 100;
/// Deployments that ended, shown at most.
const ENDED: i64 = 10;

/// All that lists show.
#[derive(Debug, Clone)]
pub struct Glance {
    /// By name.
    pub projects: Vec<Project>,
    /// Oldest first.
    pub environments: Vec<Environment>,
    /// By name.
    pub apps: Vec<App>,
    /// The newest deployment of each app.
    pub newest: HashMap<AppId, Deployment>,
    /// The generation that serves, of each app that does.
    pub live: HashMap<AppId, i64>,
    /// Oldest first, each with the end of its certificate, if there is one.
    pub domains: HashMap<AppId, Vec<(Domain, Option<Time>)>>,
    /// Deployments that wait or run, newest first.
    pub open: Vec<Deployment>,
    /// Deployments that ended last.
    pub ended: Vec<Deployment>,
    /// Who and what deployments name.
    pub names: Names,
}

/// Names for the ids that causes of deployments hold.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// People's addresses.
    pub people: HashMap<UserId, Email>,
    /// Numbers of kept releases.
    pub releases: HashMap<ReleaseId, i64>,
}

/// Everything of the team.
///
/// # Errors
/// The database.
pub async fn glance(cx: &Ctx) -> Result<Glance, Error> {
    let mut tx = cx.parts.db.read().await?;
    let open = db::deployment::open_of_team(&mut tx, cx.team(), OPEN).await?;
    let ended = db::deployment::ended_of_team(&mut tx, cx.team(), ENDED).await?;
    read(cx, &mut tx, None, open, ended).await
}

/// One project with its apps, however many the team has; no deployments but the newest of each app.
///
/// # Errors
/// [`Error::NotFound`]; the database.
pub async fn of_project(cx: &Ctx, id: ProjectId) -> Result<Glance, Error> {
    let mut tx = cx.parts.db.read().await?;
    read(cx, &mut tx, Some(id), Vec::new(), Vec::new()).await
}

/// The project of an environment with its apps, as [`of_project`].
///
/// # Errors
/// [`Error::NotFound`]; the database.
pub async fn of_environment(cx: &Ctx, id: EnvironmentId) -> Result<Glance, Error> {
    let mut tx = cx.parts.db.read().await?;
    let found = db::project::environment(&mut tx, cx.team(), id).await?;
    let project = found.ok_or(Error::NotFound("environment"))?.project;
    read(cx, &mut tx, Some(project), Vec::new(), Vec::new()).await
}

async fn read(
    cx: &Ctx,
    tx: &mut Tx,
    project: Option<ProjectId>,
    open: Vec<Deployment>,
    ended: Vec<Deployment>,
) -> Result<Glance, Error> {
    let team = cx.team();
    let newest = db::deployment::newest(tx, team, project).await?;
    let names = names_of(cx, tx, newest.iter().chain(&open).chain(&ended)).await?;
    let mut domains: HashMap<AppId, Vec<(Domain, Option<Time>)>> = HashMap::new();
    for (domain, certified) in db::domain_name::of_team(tx, team, project).await? {
        domains.entry(domain.app).or_default().push((domain, certified));
    }
    Ok(Glance {
        projects: db::project::list(tx, team).await?,
        environments: db::project::environments(tx, team).await?,
        apps: db::app::list_in(tx, team, project).await?,
        newest: newest.into_iter().map(|deployment| (deployment.app, deployment)).collect(),
        live: db::deployment::live(tx, team, project).await?.into_iter().collect(),
        domains,
        open,
        ended,
        names,
    })
}

/// The names that these deployments need.
///
/// # Errors
/// The database.
pub async fn names(cx: &Ctx, deployments: &[Deployment]) -> Result<Names, Error> {
    let mut tx = cx.parts.db.read().await?;
    names_of(cx, &mut tx, deployments.iter()).await
}

async fn names_of<'d>(
    cx: &Ctx,
    tx: &mut Tx,
    deployments: impl Iterator<Item = &'d Deployment> + Send,
) -> Result<Names, Error> {
    let (mut by_people, mut back) = (false, false);
    for deployment in deployments {
        by_people |= matches!(deployment.cause, Cause::Person { .. } | Cause::Rollback { .. });
        back |= matches!(deployment.cause, Cause::Rollback { .. });
    }
    let mut names = Names::default();
    if by_people {
        names.people = db::identity::emails(tx, cx.team()).await?.into_iter().collect();
    }
    if back {
        names.releases = db::release::numbers(tx, cx.team()).await?.into_iter().collect();
    }
    Ok(names)
}
