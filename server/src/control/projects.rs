//! Projects: groups of environments.

use super::{Ctx, Error, audit, credentials, nodes, protection::unprotected};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        id::{EnvironmentId, ProjectId},
        name::{DisplayName, Slug},
        project::{Environment, Project},
        right::{Place, Right},
    },
};

/// All projects of the team, by name.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Project>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut projects = db::project::list(&mut tx, cx.team()).await?;
    projects.retain(|project| cx.access.sees_project(project.id));
    Ok(projects)
}

/// One project.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Ctx, id: ProjectId) -> Result<Project, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.project(&mut tx, id, Right::View).await
}

/// Makes a project with a first environment, `production`.
///
/// # Errors
/// The name is taken.
pub async fn create(
    cx: &Ctx,
    name: Slug,
    title: Option<DisplayName>,
) -> Result<(Project, Environment), Error> {
    let production = Slug::parse("production").map_err(|wrong| Error::wrong("name", wrong))?;
    create_with(cx, name, title, production).await
}

/// Makes a project with a first environment of this name.
///
/// # Errors
/// The name is taken.
pub async fn create_with(
    cx: &Ctx,
    name: Slug,
    title: Option<DisplayName>,
    environment: Slug,
) -> Result<(Project, Environment), Error> {
    cx.allow_team(Right::Projects)?;
    let clock = &*cx.parts.clock;
    let title = match title {
        Some(title) => title,
        None => DisplayName::parse(name.as_str()).map_err(|wrong| Error::wrong("title", wrong))?,
    };
    let project = Project { id: ProjectId::new(clock), team: cx.team(), name, title, created_at: cx.now() };
    let environment = Environment {
        id: EnvironmentId::new(clock),
        project: project.id,
        name: environment,
        created_at: cx.now(),
    };
    let mut tx = cx.parts.db.write().await?;
    db::project::insert(&mut tx, &project).await.map_err(|e| taken(e, "project"))?;
    db::project::insert_environment(&mut tx, &environment).await?;
    audit::record(cx, &mut tx, Action::ProjectCreate, Object::project(&project), Change::none()).await?;
    tx.commit().await?;
    Ok((project, environment))
}

/// Removes a project that has no apps, with its own credentials and trusted hosts.
///
/// # Errors
/// [`Error::NotFound`]; there are apps in it, or one of its environments is protected.
pub async fn delete(cx: &Ctx, id: ProjectId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let project = cx.project(&mut tx, id, Right::Projects).await?;
    let environments = db::project::environments(&mut tx, cx.team()).await?;
    let mine: Vec<_> = environments.iter().filter(|e| e.project == id).map(|e| e.id).collect();
    let apps = db::app::list(&mut tx, cx.team()).await?;
    if let Some(app) = apps.iter().find(|app| mine.contains(&app.environment)) {
        return Err(Error::conflict(
            "not_empty",
            format!("app {} is in it; remove its apps first", app.name),
        ));
    }
    for environment in &mine {
        unprotected(&mut tx, *environment, "an environment of the project").await?;
    }
    let mut own = 0;
    for place in mine.iter().copied().map(Place::Environment).chain([Place::Project(id)]) {
        db::team::forget_place(&mut tx, place).await?;
        db::secret_store::forget_place(&mut tx, place).await?;
        db::dns_provider::forget_place(&mut tx, place).await?;
        own += credentials::forget_place(&mut tx, place).await?;
    }
    if !db::project::remove(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("project"));
    }
    let change = Change::gone(&serde_json::json!({"credentials": own}));
    audit::record(cx, &mut tx, Action::ProjectDelete, Object::project(&project), change).await?;
    tx.commit().await?;
    nodes::share(cx, &mine).await;
    Ok(())
}

/// A duplicate key as a conflict over the name.
pub(super) fn taken(error: db::DbError, what: &str) -> Error {
    if db::is_duplicate(&error) {
        Error::conflict("name_taken", format!("there is a {what} of that name already; choose another"))
    } else {
        error.into()
    }
}
