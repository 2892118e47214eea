//! Apps: make, look at, change.

use std::collections::BTreeMap;

use skep_stack::{app::Publish, vip::Vip};

use super::{Ctx, Error, audit, credentials, deployments, domains, projects::taken, quotas::room_for_apps};
use crate::{
    db,
    deploy::{
        desire,
        parts::Parts,
        preview::{Preview, preview},
        run::Stop,
    },
    domain::{
        app::{App, Build, Follow, Settings, Source, Wanted},
        audit::{self as log, Action, Object},
        deployment::Deployment,
        fault::{Fault, Wrong},
        id::{AppId, EnvironmentId},
        name::Slug,
        project::{Environment, Project},
        right::Right,
    },
    swarm::Task,
};

/// The longest Compose text, bytes.
const COMPOSE: usize = 1 << 20;

/// What an app is made of.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Unique within the environment.
    pub name: Slug,
    /// Where it comes from.
    pub source: Source,
    /// How it becomes an image.
    pub build: Build,
    /// How it runs.
    pub settings: Settings,
    /// Pushes deploy by themselves.
    pub auto_deploy: bool,
}

/// What can be changed of an app; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Where it comes from.
    pub source: Option<Source>,
    /// How it becomes an image.
    pub build: Option<Build>,
    /// How it runs.
    pub settings: Option<Settings>,
    /// Pushes deploy by themselves.
    pub auto_deploy: Option<bool>,
    /// Refuse if the app's generation is not this one any more.
    pub generation: Option<i64>,
}

/// All of the team, by name.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<App>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut apps = db::app::list(&mut tx, cx.team()).await?;
    apps.retain(|app| cx.access.sees(app.environment));
    Ok(apps)
}

/// Where the team's apps come from: what a count of their credentials needs.
///
/// # Errors
/// The database.
pub async fn sources(cx: &Ctx) -> Result<Vec<Source>, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::app::sources(&mut tx, cx.team()).await?)
}

/// One app.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Ctx, id: AppId) -> Result<App, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, id, Right::View).await
}

/// An app with its place and its newest deployment.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The app.
    pub app: App,
    /// Its environment.
    pub environment: Environment,
    /// Its project.
    pub project: Project,
    /// Its newest deployment.
    pub newest: Option<Deployment>,
}

/// One app with its place.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn placed(cx: &Ctx, id: AppId) -> Result<Placed, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, id, Right::View).await?;
    let environment = cx.environment(&mut tx, app.environment, Right::View).await?;
    let project = cx.project(&mut tx, environment.project, Right::View).await?;
    let newest = db::deployment::of_app(&mut tx, id, i64::MAX, 1).await?.into_iter().next();
    Ok(Placed { app, environment, project, newest })
}

/// Makes an app; nothing runs until it is deployed. Its first host name is generated if the
/// instance has a base domain.
///
/// # Errors
/// Every wrong field at once; the name is taken; [`Error::NotFound`] of the environment.
pub async fn create(cx: &Ctx, environment: EnvironmentId, new: NewApp) -> Result<App, Error> {
    let clock = &*cx.parts.clock;
    let id = AppId::new(clock);
    let vip = vip(&cx.parts, Some(&new.settings)).await;
    let mut tx = cx.parts.db.write().await?;
    let place = cx.environment(&mut tx, environment, Right::Configure).await?;
    let project = cx.project(&mut tx, place.project, Right::View).await?;
    sourced(&Source::Upload { digest: None }, Some(new.source.clone()))?;
    let app = App {
        id,
        team: cx.team(),
        environment,
        stack: stack(&project.name, &place.name, &new.name, id),
        name: new.name,
        source: new.source,
        build: new.build,
        settings: new.settings,
        generation: 1,
        configured: 1,
        wanted: Wanted::Running,
        auto_deploy: new.auto_deploy,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    check(&cx.parts, &app, vip)?;
    credentials::usable(cx, &mut tx, &app).await?;
    room_for_apps(&mut tx, cx.team(), 1).await?;
    db::app::insert(&mut tx, &app).await.map_err(|e| taken(e, "app"))?;
    domains::generate(cx, &mut tx, &app).await?;
    audit::record(cx, &mut tx, Action::AppCreate, Object::app(&app), log::Change::of_app(None, Some(&app)))
        .await?;
    tx.commit().await?;
    Ok(app)
}

/// Changes an app; it counts from the next deployment on.
///
/// # Errors
/// Every wrong field at once; [`Error::NotFound`]; it was changed by somebody else meanwhile.
pub async fn configure(cx: &Ctx, id: AppId, change: Change) -> Result<App, Error> {
    let vip = vip(&cx.parts, change.settings.as_ref()).await;
    let mut tx = cx.parts.db.write().await?;
    let mut app = cx.app(&mut tx, id, Right::Configure).await?;
    let before = app.clone();
    let stale =
        || Error::conflict("changed", "the app was changed meanwhile; load it again and repeat your change");
    if change.generation.is_some_and(|generation| generation != app.generation) {
        return Err(stale());
    }
    app.source = sourced(&app.source, change.source)?;
    app.build = change.build.unwrap_or(app.build);
    app.settings = change.settings.unwrap_or(app.settings);
    app.auto_deploy = change.auto_deploy.unwrap_or(app.auto_deploy);
    check(&cx.parts, &app, vip)?;
    credentials::usable(cx, &mut tx, &app).await?;
    if !db::app::update(&mut tx, &app, cx.now()).await? {
        return Err(stale());
    }
    audit::record(
        cx,
        &mut tx,
        Action::AppConfigure,
        Object::app(&app),
        log::Change::of_app(Some(&before), Some(&app)),
    )
    .await?;
    tx.commit().await?;
    app.generation += 1;
    app.configured = app.generation;
    cx.parts.bus.publish(crate::bus::Hint::App { app: id }).await;
    Ok(app)
}

/// The new source of an app. Which archive it is comes from an upload alone: a digest that was
/// read elsewhere opens no other team's files.
fn sourced(old: &Source, new: Option<Source>) -> Result<Source, Error> {
    match (old, new) {
        (old, None) => Ok(old.clone()),
        (Source::Upload { .. }, Some(Source::Upload { digest: None })) => Ok(old.clone()),
        (old, Some(new @ Source::Upload { digest: Some(_) })) if *old != new => {
            Err(Error::wrong("source.digest", Wrong::new("is set by an upload; leave it out")))
        }
        (_, Some(new)) => Ok(new),
    }
}

/// The app's tasks as the engine tells them, newest first.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`] if the engine does not tell.
pub async fn tasks(cx: &Ctx, id: AppId) -> Result<Vec<Task>, Error> {
    let app = get(cx, id).await?;
    cx.parts.engine.tasks(&app.stack).await.map_err(|e| Error::Unavailable(e.to_string()))
}

/// `project-environment-app`, cut to 40 characters, with four random digits of the id: unique on
/// the cluster, and never changed, whatever is renamed.
fn stack(project: &Slug, environment: &Slug, app: &Slug, id: AppId) -> String {
    let digits = id.uuid().simple().to_string();
    let mut name = format!("{project}-{environment}-{app}");
    name.truncate(35);
    format!("{}-{}", name.trim_end_matches('-'), &digits[28..])
}

/// Which services may have an address of their own, for settings that are new and ask for one by a
/// port of the routing mesh. An engine that does not answer now is asked again by the deployment.
async fn vip(parts: &Parts, new: Option<&Settings>) -> Vip {
    let mesh = |port: &Publish| port.mode.as_deref() == Some("ingress");
    match new {
        Some(settings) if settings.publish.iter().any(mesh) => {
            parts.engine.info().await.map_or(Vip::Usual, |info| Vip::detected(info.ipvs, info.nodes))
        }
        _ => Vip::Usual,
    }
}

/// All that can be known to be wrong without asking anybody.
pub(super) fn check(parts: &Parts, app: &App, vip: Vip) -> Result<(), Error> {
    let mut faults = Vec::new();
    match &app.source {
        Source::Git { url, follow, watch, .. } => {
            if let Err(wrong) = url.permitted(parts.instance.git_allow_http) {
                faults.push(wrong.at("source.url"));
            }
            if let Follow::Tags { pattern } = follow
                && (pattern.is_empty() || pattern.len() > 255 || globset::Glob::new(pattern).is_err())
            {
                faults.push(Wrong::new("must be a glob like `v*`").at("source.follow.pattern"));
            }
            for (i, glob) in watch.iter().enumerate() {
                if watch.len() > 100 || glob.len() > 255 || globset::Glob::new(glob).is_err() {
                    faults.push(
                        Wrong::new("must be a glob like `src/**`; at most 100")
                            .at(format!("source.watch[{i}]")),
                    );
                }
            }
            faults.extend(unbuilt(app));
        }
        Source::Upload { .. } => faults.extend(unbuilt(app)),
        Source::Compose { text } if text.len() > COMPOSE => {
            faults.push(Wrong::new("must be at most 1 MiB").at("source.text"));
        }
        Source::Compose { text } => faults.extend(compose(text)),
        _ => {}
    }
    faults.extend(app.build.faults());
    faults.extend(settings(app, vip));
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What can be said of a Compose text before its variables and images are known.
fn compose(text: &str) -> Vec<Fault> {
    use skep_stack::compose::{load::Source, outline};

    let (vars, files) = (BTreeMap::new(), BTreeMap::new());
    let told = outline(&[Source::only(text)], &vars, &files).err().unwrap_or_default();
    // Variables may be set later, before it is deployed.
    let known = told.into_iter().filter(|fault| fault.code != "variable_undefined");
    let fault = |fault: skep_stack::fault::Fault| {
        let line = fault.line.map_or_else(String::new, |line| format!(" (line {line})"));
        let place = if fault.path.is_empty() { String::new() } else { format!("`{}`{line} ", fault.path) };
        Wrong::coded("invalid_compose", format!("{place}{}", fault.message)).at("source.text")
    };
    known.map(fault).collect()
}

/// A source of files needs a way to build.
fn unbuilt(app: &App) -> Option<Fault> {
    let wrong = Wrong::coded(
        "build_missing",
        "choose how it becomes an image: dockerfile, compose, static or nixpacks",
    );
    matches!(app.build, Build::None).then(|| wrong.at("build.kind"))
}

/// What the stack's maker says of the settings, with a stand-in for what is known only later.
fn settings(app: &App, vip: Vip) -> Vec<Fault> {
    let spec = skep_stack::app::AppSpec {
        stack: &app.stack,
        app: &app.id.to_string(),
        alias: app.name.as_str(),
        deployment: 0,
        image: &format!("{}:0", app.local_image()),
        image_health: None,
        image_words: None,
        env: &BTreeMap::new(),
        settings: &app.settings,
        network: &desire::network(app.environment),
        edge: None,
        volume_node: None,
        probe: Some(b"probe"),
        vip,
        running: None,
        replicas: app.settings.replicas.unwrap_or(1),
        constraints: &[],
    };
    let told = match skep_stack::app::to_stack(&spec) {
        Ok(stack) => desire::policy(&stack, desire::network(app.environment), None, &[]),
        Err(faults) => faults,
    };
    told.into_iter().map(|f| Fault { field: f.path, code: f.code, message: f.message }).collect()
}

/// What a deployment of the app would do, or of these services of a Compose app alone; nothing is
/// written.
///
/// # Errors
/// [`Error::NotFound`]; a service that cannot be deployed alone; what would stop the deployment before it
/// touches anything.
pub async fn plan(cx: &Ctx, id: AppId, services: Vec<String>) -> Result<Preview, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, id, Right::Deploy).await?;
    drop(tx);
    let services = deployments::known(cx, id, services).await?;
    if !services.is_empty() {
        deployments::may_alone(&app)?;
    }
    preview(&cx.parts, &app, &services).await.map_err(not_planned)
}

/// Why there is no plan.
pub(super) fn not_planned(stop: Stop) -> Error {
    match stop {
        Stop::Retry(why) => Error::Unavailable(why),
        stop => Error::conflict("not_plannable", stop.to_string()),
    }
}
