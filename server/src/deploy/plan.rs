//! Plan: what is wanted, compared with what runs; stored as a diff without secrets, with the
//! wanted spec sealed beside it, so that a restart applies exactly what was planned.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use skep_stack::{
    labels,
    observed::Observed,
    part,
    plan::{Line, Plan},
    spec::StackSpec,
    vip::Vip,
};

use super::{
    build::Built,
    claim::claim,
    composed::Composed,
    desire::{Wish, desire, on_edge, replicate},
    hidden, own_nodes, part as parted,
    parts::Parts,
    push::Pushed,
    required,
    run::{Run, Stop},
    secret_names, stored, trial, variables,
};
use crate::{
    db,
    domain::{app::App, deployment::Cause, release::Release, step::Step},
};

/// What the step gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What is to be done, for people.
    pub lines: Vec<Line>,
    /// The wanted spec: JSON, sealed, base64.
    pub sealed: String,
    /// The services that alone are made or changed, by their names in Swarm; all if empty.
    #[serde(default)]
    pub part: BTreeSet<String>,
    /// The services that are tried beside what serves before they are replaced.
    #[serde(default)]
    pub trial: BTreeSet<String>,
}

impl Planned {
    /// The wanted spec.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn spec(&self, parts: &Parts) -> Result<StackSpec, Stop> {
        let sealed = STANDARD.decode(&self.sealed).unwrap_or_default();
        open(parts, &sealed)
    }
}

/// Runs the step.
///
/// # Errors
/// See [`Stop`].
pub async fn run(run: &mut Run, built: &Built, pushed: &Pushed) -> Result<Planned, Stop> {
    let mut only = BTreeSet::new();
    let info = run.parts.engine.info().await.map_err(|e| Stop::engine(Step::Plan, &e))?;
    let spec = match run.deployment.cause {
        Cause::Rollback { to, .. } => {
            let mut tx = run.parts.db.read().await?;
            let release = db::release::get(&mut tx, run.app.id, to).await?.ok_or_else(|| {
                Stop::failed(Step::Plan, "release_gone", "the release is no longer kept; choose another")
            })?;
            drop(tx);
            stored::carry(run, release.deployment).await?;
            let mut spec = of_release(&run.parts, &release).await?;
            run.log.mask(hidden::mask(&run.parts, &run.app, Some(&spec), &[]).await?);
            Vip::detected(info.ipvs, info.nodes).restrict(&mut spec);
            own_nodes::today(&run.parts, &mut spec, run.app.environment).await?;
            numbered(spec, run.deployment.number)
        }
        _ => {
            let variables = variables::load(run).await?;
            required::check(Step::Plan, &run.app, &variables)?;
            run.hide(&variables.secrets).await?;
            let composed = Composed::of(run, built.composed.as_deref())?;
            if composed.is_some() {
                lead(run, pushed).await?;
            }
            let wish = Wish {
                deployment: run.deployment.number,
                composed: composed.as_ref(),
                pushed,
                variables: &variables,
                names: &secret_names::key(&run.parts).await?,
            };
            let spec = desire(&run.parts, &run.app, &wish, &info).await?;
            let outline = composed.as_ref().map(|composed| composed.outline(Step::Plan, &variables.env));
            let asked = &run.deployment.services;
            let services = match outline.transpose()? {
                Some(outline) => parted::part(&run.parts, &run.app, asked, &outline).await?,
                None => None,
            };
            match services {
                Some(services) => {
                    parted::along(asked, &services).for_each(|line| run.log.say(&line));
                    let mut tx = run.parts.db.read().await?;
                    let serving = db::release::current(&mut tx, run.app.id).await?;
                    drop(tx);
                    if let Some(serving) = serving {
                        stored::carry(run, serving.deployment).await?;
                    }
                    let (spec, names) = parted::onto(&run.parts, &run.app, spec, &services).await?;
                    only = names;
                    spec
                }
                None => spec,
            }
        }
    };
    let tried = trial::services(run, &spec, &only).await?;
    if tried.is_empty() {
        claim(run, &spec, info.nodes).await?;
    } else {
        let names = tried.iter().cloned().collect::<Vec<_>>().join(", ");
        run.log
            .say(&format!("The new version of {names} runs beside the old one until visitors are led over."));
        claim(run, &trial::beside(run, &spec, &tried).await?, info.nodes).await?;
    }
    let observed = run.parts.engine.observe(&spec.name).await.map_err(|e| Stop::engine(Step::Plan, &e))?;
    let lines = actions(&spec, &observed, &only).lines();
    if lines.is_empty() {
        run.log.say("Nothing differs from what runs.");
    }
    for line in &lines {
        run.log.say(&format!("{} {}", line.action.replace('_', " "), line.name));
        for change in &line.changes {
            let show = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            run.log.say(&format!("  {}: {} -> {}", change.path, show(&change.from), show(&change.to)));
        }
    }
    let json = serde_json::to_vec(&spec).map_err(|e| Stop::failed(Step::Plan, "internal", e.to_string()))?;
    let sealed = STANDARD.encode(run.parts.seal.seal(&*run.parts.clock, "release", &json));
    Ok(Planned { lines, sealed, part: only, trial: tried })
}

/// From what runs to the spec; of these services alone, unless there are none.
pub(super) fn actions(spec: &StackSpec, observed: &Observed, only: &BTreeSet<String>) -> Plan {
    let all = skep_stack::plan::plan(spec, observed);
    if only.is_empty() { all } else { part::of(all, spec, only) }
}

/// Decides, once, which service of a Compose file a domain leads to that names none: the only one,
/// or the one called `web`, or as the app. What was decided stays with the domain, to be seen there.
async fn lead(run: &Run, pushed: &Pushed) -> Result<(), Stop> {
    let mut tx = run.parts.db.write().await?;
    let open: Vec<_> = db::domain_name::of_app(&mut tx, run.app.id).await?;
    let open: Vec<_> = open.into_iter().filter(|domain| domain.service.is_none()).collect();
    if open.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = pushed.images.keys().map(String::as_str).collect();
    let chosen = match names.as_slice() {
        [only] => Some(*only),
        names => ["web", run.app.name.as_str()].into_iter().find(|name| names.contains(name)),
    };
    for domain in open {
        match chosen {
            Some(service) => {
                run.log.say(&format!("{} leads to service {service}.", domain.host.as_str()));
                db::domain_name::lead(&mut tx, domain.id, service).await?;
            }
            None => run.log.say(&format!(
                "{} leads nowhere: add it again with one of the services {}.",
                domain.host.as_str(),
                names.join(", ")
            )),
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The spec of a release, with today's domains and replicas.
///
/// # Errors
/// It cannot be opened; the database.
pub async fn of_release(parts: &Parts, release: &Release) -> Result<StackSpec, Stop> {
    let mut spec = open(parts, &release.sealed_spec)?;
    let mut tx = parts.db.read().await?;
    let domains = db::domain_name::of_app(&mut tx, release.app).await?;
    on_edge(&mut spec, &domains, &db::port::of_app(&mut tx, release.app).await?);
    if let Some(app) = db::app::load(&mut tx, release.app).await? {
        replicate(&mut spec, &app);
    }
    Ok(spec)
}

/// The spec of the release that serves, as it was recorded; none before the first.
///
/// # Errors
/// It cannot be opened; the database.
pub(super) async fn serving(parts: &Parts, app: &App) -> Result<Option<StackSpec>, Stop> {
    let mut tx = parts.db.read().await?;
    let release = db::release::current(&mut tx, app.id).await?;
    drop(tx);
    release.map(|release| open(parts, &release.sealed_spec)).transpose()
}

/// Opens a spec that was sealed.
///
/// # Errors
/// It cannot be read.
pub(super) fn open(parts: &Parts, sealed: &[u8]) -> Result<StackSpec, Stop> {
    let damaged =
        |why: String| Stop::failed(Step::Plan, "sealed", format!("the stored spec cannot be read: {why}"));
    let json = parts.seal.open("release", sealed).map_err(|e| damaged(e.to_string()))?;
    serde_json::from_slice(&json).map_err(|e| damaged(e.to_string()))
}

/// The spec as this deployment writes it.
#[must_use]
pub fn numbered(mut spec: StackSpec, deployment: i64) -> StackSpec {
    for service in spec.services.values_mut() {
        let labels = service.labels.get_or_insert_default();
        labels.insert(labels::DEPLOYMENT.to_owned(), deployment.to_string());
    }
    spec
}
