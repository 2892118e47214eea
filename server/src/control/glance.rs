//! Everything of a team at a glance: a fixed number of queries in one snapshot, whatever the
//! number of apps.

use std::collections::{HashMap, HashSet};

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
        right::{Access, Right},
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
    // Who sees a part of the team gets the newest of that part.
    let ended = if cx.access.sees_all() { ENDED } else { 100 * ENDED };
    let open = db::deployment::open_of_team(&mut tx, cx.team(), OPEN).await?;
    let ended = db::deployment::ended_of_team(&mut tx, cx.team(), ended).await?;
    read(cx, &mut tx, None, open, ended).await
}

/// One project with its apps, however many the team has; no deployments but the newest of each app.
///
/// # Errors
/// [`Error::NotFound`]; the database.
pub async fn of_project(cx: &Ctx, id: ProjectId) -> Result<Glance, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.project(&mut tx, id, Right::View).await?;
    read(cx, &mut tx, Some(id), Vec::new(), Vec::new()).await
}

/// The project of an environment with its apps, as [`of_project`].
///
/// # Errors
/// [`Error::NotFound`]; the database.
pub async fn of_environment(cx: &Ctx, id: EnvironmentId) -> Result<Glance, Error> {
    let mut tx = cx.parts.db.read().await?;
    let project = cx.environment(&mut tx, id, Right::View).await?.project;
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
    let mut glance = Glance {
        projects: db::project::list(tx, team).await?,
        environments: db::project::environments(tx, team).await?,
        apps: db::app::list_in(tx, team, project).await?,
        newest: newest.into_iter().map(|deployment| (deployment.app, deployment)).collect(),
        live: db::deployment::live(tx, team, project).await?.into_iter().collect(),
        domains,
        open,
        ended,
        names,
    };
    if !cx.access.sees_all() {
        glance.within(&cx.access);
    }
    Ok(glance)
}

impl Glance {
    /// Only what somebody sees who does not see all of the team.
    fn within(&mut self, access: &Access) {
        self.projects.retain(|project| access.sees_project(project.id));
        self.environments.retain(|environment| access.sees(environment.id));
        self.apps.retain(|app| access.sees(app.environment));
        let seen: HashSet<AppId> = self.apps.iter().map(|app| app.id).collect();
        self.newest.retain(|app, _| seen.contains(app));
        self.live.retain(|app, _| seen.contains(app));
        self.domains.retain(|app, _| seen.contains(app));
        self.open.retain(|deployment| seen.contains(&deployment.app));
        self.ended.retain(|deployment| seen.contains(&deployment.app));
        self.ended.truncate(usize::try_from(ENDED).unwrap_or_default());
    }
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
        names.people = db::team::emails(tx, cx.team()).await?.into_iter().collect();
    }
    if back {
        names.releases = db::release::numbers(tx, cx.team()).await?.into_iter().collect();
    }
    Ok(names)
}
