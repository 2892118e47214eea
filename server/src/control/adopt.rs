//! A stack that `docker stack deploy` made becomes a Compose app. Only rows are written: what runs
//! is recorded as the app's first release, to return to, and the first deployment changes no more
//! than labels, unless the file differs from what runs.

use std::collections::BTreeSet;

use skep_stack::{
    compose, labels, models::ServiceSpec, observed::Observed, policy::Inherited, spec::StackSpec, vip::Vip,
};

use super::{
    Ctx, Error,
    apps::{check, not_planned},
    audit,
    projects::taken,
    quotas::room_for_apps,
};
use crate::{
    bus::Hint,
    db,
    deploy::{
        adopted::as_release,
        preview::{Preview, planned},
    },
    domain::{
        app::{App, Build, Settings, Source, Wanted},
        audit::{Action, Change, Object},
        deployment::{Cause, Deployment, State},
        fault::Wrong,
        id::{AppId, DeploymentId, EnvironmentId, ReleaseId},
        name::Slug,
        release::Release,
        right::Right,
    },
};

/// The longest name of a stack, characters: names of its services follow it.
const LONGEST: usize = 40;
/// Skep's own stack, as the installer calls it.
const OWN: &str = "skep";

/// What is to be adopted.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// The stack's name in Swarm.
    pub stack: String,
    /// The app's name.
    pub name: Slug,
    /// The Compose file that it was deployed from; without it, one is written of what runs.
    pub compose: Option<String>,
    /// Only tell what would be done.
    pub dry_run: bool,
    /// Also if a deployment would replace tasks.
    pub yes: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// The app; none if it was only asked for.
    pub app: Option<App>,
    /// The file that was written of what runs, if none was given.
    pub written: Option<String>,
    /// What its next deployment would do.
    pub plan: Preview,
    /// Objects of the stack that the file does not name: they stay as they are.
    pub kept: Vec<String>,
}

/// Adopts a stack.
///
/// # Errors
/// [`Error::NotFound`] of environment or stack; it belongs to an app; faults of the file; tasks
/// would be replaced and nobody said yes.
pub async fn adopt(cx: &Ctx, environment: EnvironmentId, new: Adoption) -> Result<Adopted, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.environment(&mut tx, environment, Right::Configure).await?;
    drop(tx);
    // A stack that runs is nobody's yet: whose it becomes, the owner of the machines says.
    cx.allow_instance()?;
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if new.stack.is_empty() || new.stack.len() > LONGEST || !new.stack.chars().all(fine) {
        let rule = format!("must be 1 to {LONGEST} letters, digits, `-` and `_`");
        return Err(Error::wrong("stack", Wrong::new(rule)));
    }
    let engine = &cx.parts.engine;
    let observed = engine.observe(&new.stack).await.map_err(|e| Error::Unavailable(e.to_string()))?;
    if observed.services.is_empty() {
        return Err(Error::NotFound("stack"));
    }
    if new.stack == OWN || owned(&observed) {
        return Err(Error::conflict("stack_taken", "the stack is Skep's own, or that of an app"));
    }
    let written = match &new.compose {
        Some(_) => None,
        None => {
            Some(serde_yaml::to_string(&compose::written(&new.stack, &observed)).map_err(Error::internal)?)
        }
    };
    let app = App {
        id: AppId::new(&*cx.parts.clock),
        team: cx.team(),
        environment,
        stack: new.stack.clone(),
        name: new.name,
        source: Source::Compose { text: new.compose.or_else(|| written.clone()).unwrap_or_default() },
        build: Build::None,
        settings: Settings::default(),
        generation: 1,
        configured: 1,
        wanted: Wanted::Running,
        auto_deploy: false,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    check(&cx.parts, &app, Vip::Usual)?;
    let (plan, spec) = planned(&cx.parts, &app, &BTreeSet::new()).await.map_err(not_planned)?;
    let kept = strangers(&observed, &spec);
    if new.dry_run {
        return Ok(Adopted { app: None, written, plan, kept });
    }
    if plan.restarts && !new.yes {
        let message =
            "the next deployment would replace tasks: see the plan, and say yes to it, or mend the file";
        return Err(Error::conflict("would_restart", message));
    }
    record(cx, &app, &observed, &spec).await?;
    Ok(Adopted { app: Some(app), written, plan, kept })
}

/// Writes the app, with what runs as its first release.
async fn record(cx: &Ctx, app: &App, observed: &Observed, wanted: &StackSpec) -> Result<(), Error> {
    let (now, clock) = (cx.now(), &*cx.parts.clock);
    let deployment = Deployment {
        id: DeploymentId::new(clock),
        app: app.id,
        number: 1,
        generation: app.generation,
        state: State::Live,
        cause: Cause::Person { user: cx.actor.user },
        services: BTreeSet::new(),
        reason: Some(format!("stack {} was adopted as it ran", app.stack)),
        commit: None,
        title: None,
        author: None,
        failure: None,
        approvals: 0,
        cancel: false,
        created_at: now,
        started_at: Some(now),
        finished_at: Some(now),
    };
    let spec = as_release(app, observed, wanted);
    let image =
        |service: &ServiceSpec| service.task_template.as_ref()?.container_spec.as_ref()?.image.clone();
    let release = Release {
        id: ReleaseId::new(clock),
        app: app.id,
        deployment: deployment.id,
        number: 1,
        commit: None,
        images: spec.services.iter().filter_map(|(name, body)| Some((name.clone(), image(body)?))).collect(),
        sealed_spec: cx.parts.seal.seal(
            clock,
            "release",
            &serde_json::to_vec(&spec).map_err(Error::internal)?,
        ),
        created_at: now,
        retired_at: None,
    };
    let mut tx = cx.parts.db.write().await?;
    if db::app::stack_taken(&mut tx, &app.stack).await? {
        return Err(Error::conflict("stack_taken", "the stack is that of an app"));
    }
    room_for_apps(&mut tx, cx.team(), 1).await?;
    db::app::insert(&mut tx, app).await.map_err(|e| taken(e, "app"))?;
    db::deployment::insert(&mut tx, &deployment).await?;
    db::release::insert(&mut tx, &release).await?;
    audit::record(cx, &mut tx, Action::EnvironmentAdopt, Object::app(app), Change::of_app(None, Some(app)))
        .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::App { app: app.id }).await;
    Ok(())
}

/// Whether an object of the stack is an app's.
fn owned(observed: &Observed) -> bool {
    let services = observed.services.values().filter_map(|service| service.spec.as_ref()?.labels.as_ref());
    let configs = observed.configs.values().filter_map(|config| config.spec.as_ref()?.labels.as_ref());
    services.chain(configs).any(|labels| labels.contains_key(labels::APP))
}

/// Objects of the stack that the spec neither makes nor uses.
fn strangers(observed: &Observed, spec: &StackSpec) -> Vec<String> {
    let used = Inherited::of(&Observed::default(), Some(spec));
    let services = observed.services.keys().filter(|name| !spec.services.contains_key(*name));
    let networks = observed
        .networks
        .keys()
        .filter(|name| !spec.networks.contains_key(*name) && !used.networks.contains(*name));
    let configs = observed
        .configs
        .keys()
        .filter(|name| !spec.configs.contains_key(*name) && !used.configs.contains(*name));
    let secrets = observed
        .secrets
        .keys()
        .filter(|name| !spec.secrets.contains_key(*name) && !used.secrets.contains(*name));
    let named = |kind: &'static str| move |name: &String| format!("{kind} {name}");
    services
        .map(named("service"))
        .chain(networks.map(named("network")))
        .chain(configs.map(named("config")))
        .chain(secrets.map(named("secret")))
        .collect()
}
