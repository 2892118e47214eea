//! The services of an app: those of its Compose file, or the one that it is. As its release has
//! them; what the engine shows of each is beside it.

use skep_stack::{
    models::ServiceSpec,
    replicas::{self, is_job, tasks},
};

use super::{Ctx, Error, standing};
use crate::{
    db::{self, Tx},
    deploy::plan::of_release,
    domain::{app::App, fault::Wrong, id::AppId, right::Right},
};

/// A service of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name in the Compose file; the app's own name for an app of one service.
    pub name: String,
    /// Its name in Swarm.
    pub full: String,
    /// The image.
    pub image: String,
    /// How many tasks it has.
    pub mode: Mode,
    /// Two of its tasks must never run at once.
    pub single_writer: bool,
}

/// How many tasks a service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// So many (0 when stopped).
    Replicated(u64),
    /// One on each node.
    Global,
    /// It runs to its end.
    Job,
}

/// What serves, service by service, in the order of their names; nothing before the first release.
///
/// # Errors
/// [`Error::NotFound`]; the release cannot be read.
pub async fn list(cx: &Ctx, id: AppId) -> Result<Vec<Service>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, id, Right::View).await?;
    of(cx, tx, &app).await
}

/// Those of an app that was found already.
pub(super) async fn of(cx: &Ctx, mut tx: Tx, app: &App) -> Result<Vec<Service>, Error> {
    let release = db::release::current(&mut tx, app.id).await?;
    drop(tx);
    let Some(release) = release else { return Ok(Vec::new()) };
    let spec = of_release(&cx.parts, &release).await;
    let spec = spec.map_err(|stop| Error::internal(format!("release {}: {stop}", release.number)))?;
    Ok(spec.services.iter().map(|(full, body)| service(app, full, body)).collect())
}

/// One of an app, by the name in its file.
///
/// # Errors
/// A fault at `service`: it has none of that name, and which it has.
pub fn named(all: Vec<Service>, name: &str) -> Result<Service, Error> {
    let names = names(&all);
    let found = all.into_iter().find(|service| service.name == name);
    found.ok_or_else(|| {
        let rule = match names.as_str() {
            "" => "names a service, and nothing of the app is deployed yet: deploy it first".to_owned(),
            names => format!("must be one of the app's services: {names}"),
        };
        Error::wrong("service", Wrong::coded("unknown_service", rule))
    })
}

/// `db, web`
pub(super) fn names(all: &[Service]) -> String {
    all.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn service(app: &App, full: &str, body: &ServiceSpec) -> Service {
    let container = body.task_template.as_ref().and_then(|task| task.container_spec.as_ref());
    Service {
        name: standing::service(app, full).to_owned(),
        full: full.to_owned(),
        image: container.and_then(|container| container.image.clone()).unwrap_or_default(),
        mode: match tasks(body) {
            _ if is_job(body) => Mode::Job,
            None => Mode::Global,
            Some(count) => Mode::Replicated(u64::try_from(count).unwrap_or_default()),
        },
        single_writer: replicas::single_writer(body),
    }
}
