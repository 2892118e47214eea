//! Environments of projects: production, staging...

use super::{Ctx, Error, audit, credentials, lifecycle, nodes, projects::taken, protection::unprotected};
use crate::{
    db,
    deploy::desire,
    domain::{
        app::Wanted,
        audit::{Action, Change, Object},
        id::{EnvironmentId, ProjectId},
        name::Slug,
        project::Environment,
        right::{Place, Right},
    },
};

/// All environments of the team, oldest first.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Environment>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut environments = db::project::environments(&mut tx, cx.team()).await?;
    environments.retain(|environment| cx.access.sees(environment.id));
    Ok(environments)
}

/// One environment.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Ctx, id: EnvironmentId) -> Result<Environment, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.environment(&mut tx, id, Right::View).await
}

/// Makes an environment.
///
/// # Errors
/// [`Error::NotFound`] of the project; the name is taken.
pub async fn create(cx: &Ctx, project: ProjectId, name: Slug) -> Result<Environment, Error> {
    let mut tx = cx.parts.db.write().await?;
    cx.project(&mut tx, project, Right::Environments).await?;
    let environment =
        Environment { id: EnvironmentId::new(&*cx.parts.clock), project, name, created_at: cx.now() };
    db::project::insert_environment(&mut tx, &environment).await.map_err(|e| taken(e, "environment"))?;
    audit::record(cx, &mut tx, Action::EnvironmentCreate, Object::environment(&environment), Change::none())
        .await?;
    tx.commit().await?;
    Ok(environment)
}

/// Removes all apps of an environment with what is their own, their volumes only when asked; the
/// environment and its shared variables stay. How many apps go.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] without the right to remove apps, too; it is protected.
pub async fn reset(cx: &Ctx, id: EnvironmentId, volumes: bool) -> Result<usize, Error> {
    let mut tx = cx.parts.db.write().await?;
    let environment = cx.environment(&mut tx, id, Right::Environments).await?;
    cx.allow(Place::Environment(id), Right::Configure)?;
    unprotected(&mut tx, id, "the environment").await?;
    let mut apps = db::app::list(&mut tx, cx.team()).await?;
    apps.retain(|app| app.environment == id && app.wanted != Wanted::Removed);
    for app in &apps {
        lifecycle::remove(cx, &mut tx, app.id, volumes).await?;
    }
    let change = Change::gone(&serde_json::json!({"apps": apps.len(), "volumes": volumes}));
    audit::record(cx, &mut tx, Action::EnvironmentReset, Object::environment(&environment), change).await?;
    tx.commit().await?;
    for app in &apps {
        lifecycle::tell(cx, app.id).await;
    }
    Ok(apps.len())
}

/// Removes an environment that has no apps, with its network and its own credentials and trusted hosts.
///
/// # Errors
/// [`Error::NotFound`]; it is protected; there are apps in it.
pub async fn delete(cx: &Ctx, id: EnvironmentId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let environment = cx.environment(&mut tx, id, Right::Environments).await?;
    unprotected(&mut tx, id, "the environment").await?;
    let apps = db::app::list(&mut tx, cx.team()).await?;
    if let Some(app) = apps.iter().find(|app| app.environment == id) {
        return Err(Error::conflict(
            "not_empty",
            format!("app {} is in it; remove its apps first", app.name),
        ));
    }
    if !db::project::remove_environment(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("environment"));
    }
    db::team::forget_place(&mut tx, Place::Environment(id)).await?;
    db::secret_store::forget_place(&mut tx, Place::Environment(id)).await?;
    db::dns_provider::forget_place(&mut tx, Place::Environment(id)).await?;
    let own = credentials::forget_place(&mut tx, Place::Environment(id)).await?;
    let change = Change::gone(&serde_json::json!({"credentials": own}));
    audit::record(cx, &mut tx, Action::EnvironmentDelete, Object::environment(&environment), change).await?;
    tx.commit().await?;
    // Best effort: an engine that does not answer now leaves an unused network behind.
    let _ = cx.parts.engine.remove_network(&desire::network(id)).await;
    nodes::share(cx, &[id]).await;
    Ok(())
}
