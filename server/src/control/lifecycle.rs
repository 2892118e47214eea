//! Stop, start, restart, scale and remove an app.

use skep_stack::app::ONE_WRITER;

use super::{
    Ctx, Error, audit, quotas,
    services::{self, Mode},
};
use crate::{
    bus::Hint,
    db,
    domain::{
        app::{App, Wanted},
        audit::{Action, Change, Object},
        fault::Wrong,
        id::{AppId, JobId},
        job::Work,
        right::Right,
    },
};

/// Replicas of one app at most.
const MOST: u64 = 100;

/// What is asked of an app.
enum Ask<'a> {
    Want(Wanted),
    /// All its services, or one.
    Restart(Option<&'a str>),
    /// The one service that it is, or one of several.
    Scale(Option<&'a str>, u64),
}

/// Scales the app to nothing; its replicas are kept for the next start.
///
/// # Errors
/// [`Error::NotFound`]; it is being removed.
pub async fn stop(cx: &Ctx, id: AppId) -> Result<App, Error> {
    change(cx, id, Ask::Want(Wanted::Stopped)).await
}

/// Runs it again with the replicas that it had.
///
/// # Errors
/// [`Error::NotFound`]; it is being removed.
pub async fn start(cx: &Ctx, id: AppId) -> Result<App, Error> {
    change(cx, id, Ask::Want(Wanted::Running)).await
}

/// Replaces all tasks by new ones of the same release, or those of one service of a Compose file.
///
/// # Errors
/// [`Error::NotFound`]; it is stopped or being removed; a fault at `service`.
pub async fn restart(cx: &Ctx, id: AppId, service: Option<&str>) -> Result<App, Error> {
    change(cx, id, Ask::Restart(service)).await
}

/// Sets the replicas, now and for later: of the one service that the app is, or of one of its
/// Compose file's.
///
/// # Errors
/// [`Error::NotFound`]; a fault at `replicas`: more than an app may have, or several where one alone
/// may write; a fault at `service`.
pub async fn scale(cx: &Ctx, id: AppId, service: Option<&str>, replicas: u64) -> Result<App, Error> {
    change(cx, id, Ask::Scale(service, replicas)).await
}

impl Ask<'_> {
    /// What the audit log calls it.
    const fn action(&self) -> Action {
        match self {
            Self::Want(Wanted::Running) => Action::AppStart,
            Self::Want(_) => Action::AppStop,
            Self::Restart(_) => Action::AppRestart,
            Self::Scale(..) => Action::AppScale,
        }
    }
}

async fn change(cx: &Ctx, id: AppId, ask: Ask<'_>) -> Result<App, Error> {
    let mut tx = cx.parts.db.read().await?;
    let now = cx.app(&mut tx, id, Right::Deploy).await?;
    drop(tx);
    match ask {
        Ask::Scale(service, replicas) => may_scale(cx, id, service, replicas).await?,
        Ask::Restart(Some(name)) => may_restart(cx, id, name).await?,
        Ask::Restart(None) | Ask::Want(_) => {}
    }
    let claims = match &ask {
        Ask::Scale(service, replicas) => {
            let mut scaled = now;
            wish(&mut scaled, *service, *replicas);
            quotas::claims(cx, &scaled).await?
        }
        Ask::Want(Wanted::Running) => quotas::claims(cx, &now).await?,
        Ask::Want(_) | Ask::Restart(_) => None,
    };
    let mut tx = cx.parts.db.write().await?;
    let mut app = cx.app(&mut tx, id, Right::Deploy).await?;
    match (app.wanted, &ask) {
        (Wanted::Removed, _) => return Err(Error::conflict("removed", "the app is being removed")),
        (Wanted::Stopped, Ask::Restart(_)) => {
            return Err(Error::conflict("stopped", "the app is stopped; start it"));
        }
        _ => {}
    }
    if let Some(claims) = claims {
        quotas::count(&mut tx, &app, &claims).await?;
    }
    let before = app.clone();
    let action = ask.action();
    let mut work = Work::Settle { app: id, restart: matches!(ask, Ask::Restart(_)) };
    match ask {
        Ask::Want(wanted) => {
            db::app::want(&mut tx, id, wanted, cx.now()).await?;
            app.wanted = wanted;
        }
        Ask::Restart(None) => {}
        Ask::Restart(Some(name)) if app.composed() => {
            work = Work::RestartService { app: id, service: name.to_owned() };
        }
        Ask::Restart(Some(_)) => {}
        Ask::Scale(service, replicas) => {
            wish(&mut app, service, replicas);
            if !db::app::scale(&mut tx, &app, cx.now()).await? {
                return Err(Error::conflict("changed", "the app was changed meanwhile; load it again"));
            }
            app.generation += 1;
        }
    }
    enqueue(cx, &mut tx, id, &work).await?;
    audit::record(cx, &mut tx, action, Object::app(&app), Change::of_app(Some(&before), Some(&app))).await?;
    tx.commit().await?;
    tell(cx, id).await;
    Ok(app)
}

/// Writes down how many tasks are wanted of the one service that the app is, or of one of several.
fn wish(app: &mut App, service: Option<&str>, replicas: u64) {
    match service.filter(|_| app.composed()) {
        Some(service) => drop(app.settings.scale.insert(service.to_owned(), replicas)),
        None => app.settings.replicas = Some(replicas),
    }
}

/// Whether a service is there, and goes on.
async fn may_restart(cx: &Ctx, id: AppId, name: &str) -> Result<(), Error> {
    match services::named(services::list(cx, id).await?, name)?.mode {
        Mode::Job => Err(job(name)),
        Mode::Global | Mode::Replicated(_) => Ok(()),
    }
}

/// Whether a service can have so many tasks.
async fn may_scale(cx: &Ctx, id: AppId, service: Option<&str>, replicas: u64) -> Result<(), Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, id, Right::Deploy).await?;
    let least = u64::from(!app.composed());
    if !(least..=MOST).contains(&replicas) {
        let none = if least == 0 { "" } else { "; to run none, stop the app" };
        let wrong = Wrong::coded("quota", format!("must be {least} to {MOST}{none}"));
        return Err(Error::wrong("replicas", wrong));
    }
    if !app.composed() && service.is_none_or(|service| service == app.name.as_str()) {
        if replicas > 1 && app.settings.writes_volume() {
            return Err(Error::wrong("replicas", Wrong::coded("single_writer", ONE_WRITER.to_owned())));
        }
        return Ok(());
    }
    let all = services::of(cx, tx, &app).await?;
    let Some(service) = service else {
        let rule = format!("must name the service to scale: {}", services::names(&all));
        return Err(Error::wrong("service", Wrong::coded("required", rule)));
    };
    let service = services::named(all, service)?;
    match service.mode {
        Mode::Job => Err(job(&service.name)),
        Mode::Global => {
            let rule = "names a service that runs once on each node; it has no replicas";
            Err(Error::wrong("service", Wrong::coded("global", rule.to_owned())))
        }
        Mode::Replicated(_) if service.single_writer && replicas > 1 => {
            let rule = "must be 0 or 1: one task alone writes to the service's volume; `x-skep: {single_writer: false}` in the file says that several may";
            Err(Error::wrong("replicas", Wrong::coded("single_writer", rule.to_owned())))
        }
        Mode::Replicated(_) => Ok(()),
    }
}

fn job(name: &str) -> Error {
    let rule = format!(
        "must be a service that goes on: `{name}` runs to its end, with each deployment that changes it"
    );
    Error::wrong("service", Wrong::coded("job", rule))
}

/// Removes an app and everything that is its own; its volumes only when asked. A deployment that
/// runs is cancelled.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(cx: &Ctx, id: AppId, volumes: bool) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    if app.wanted == Wanted::Removed {
        return Ok(());
    }
    remove(cx, &mut tx, id, volumes).await?;
    audit::record(
        cx,
        &mut tx,
        Action::AppDelete,
        Object::app(&app),
        Change::gone(&serde_json::json!({"volumes": volumes})),
    )
    .await?;
    tx.commit().await?;
    tell(cx, id).await;
    Ok(())
}

/// Has an app removed, in the caller's transaction. One may run, one wait and one await approval.
pub(super) async fn remove(cx: &Ctx, tx: &mut db::Tx, id: AppId, volumes: bool) -> Result<(), Error> {
    db::app::want(tx, id, Wanted::Removed, cx.now()).await?;
    for deployment in db::deployment::of_app(tx, id, i64::MAX, 3).await? {
        db::deployment::cancel(tx, deployment.id).await?;
    }
    enqueue(cx, tx, id, &Work::RemoveApp { app: id, volumes }).await
}

/// Jobs of one app run one after the other.
async fn enqueue(cx: &Ctx, tx: &mut db::Tx, app: AppId, work: &Work) -> Result<(), Error> {
    let id = JobId::new(&*cx.parts.clock);
    Ok(db::job::enqueue(tx, id, work, &format!("app:{app}")).await?)
}

/// Wakes the workers, and tells whoever watches the app.
pub(super) async fn tell(cx: &Ctx, app: AppId) {
    cx.parts.bus.publish(Hint::Jobs).await;
    cx.parts.bus.publish(Hint::App { app }).await;
}
