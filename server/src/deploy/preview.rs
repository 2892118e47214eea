//! What a deployment would do, told without doing any of it: nothing is written, fetched, built or
//! pulled. The spec is made by the same functions as in a deployment (`desire`), from today's
//! settings, variables and domains.
//!
//! What only a deployment finds out (the newest commit, a build's image, a tag's newest digest) is
//! taken from what serves, or from this node, and said in a note.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use skep_stack::{compose::Outline, plan::Line, spec::StackSpec, text::image_parts};

use super::{
    claim::fits,
    composed::Composed,
    desire::{Wish, desire},
    gap,
    live::Live,
    part as parted,
    parts::Parts,
    plan::{actions, serving},
    push::{ONLY, Pinned, Pushed, digest, pinned},
    required,
    run::Stop,
    secret_names, variables,
};
use crate::{
    db,
    domain::{
        app::{App, Source, Wanted},
        name::Sha,
        step::Step,
    },
};

/// What a deployment would do.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = AppPlan)]
pub struct Preview {
    /// The engine's actions, in order; values of secrets are never in it.
    pub actions: Vec<Line>,
    /// What only a deployment will know, and what is shown instead.
    pub notes: Vec<String>,
    /// The commit that it was planned with: the one that serves.
    #[schema(value_type = Option<String>)]
    pub commit: Option<Sha>,
    /// Whether what serves would be touched: a task replaced, or a service removed.
    pub restarts: bool,
}

/// Plans a deployment of the app, or of these services alone, by their names in its file, with what
/// those need that does not run yet.
///
/// # Errors
/// What would stop the deployment before it touches anything: faults of settings, variables or the
/// file, what the policy forbids; engine or database do not answer.
pub async fn preview(parts: &Parts, app: &App, services: &BTreeSet<String>) -> Result<Preview, Stop> {
    planned(parts, app, services).await.map(|(preview, _)| preview)
}

/// The same, with the spec that it is about.
///
/// # Errors
/// As [`preview`].
pub async fn planned(
    parts: &Parts,
    app: &App,
    services: &BTreeSet<String>,
) -> Result<(Preview, StackSpec), Stop> {
    let unavailable = |error| Stop::engine(Step::Plan, &error);
    // A deployment starts a stopped app.
    let app = App { wanted: Wanted::Running, ..app.clone() };
    let live = Live::load(parts, &app).await?;
    let variables = variables::look(parts, &app).await?;
    required::check(Step::Plan, &app, &variables)?;
    let mut notes = Vec::new();
    let mut part = None;
    let (composed, pushed) = match (&app.source, live.composed) {
        (Source::Compose { text }, _) => {
            let composed = Composed::text(text);
            let outline = composed.outline(Step::Plan, &variables.env)?;
            part = parted::part(parts, &app, services, &outline).await?;
            let pushed = images(parts, &app, &outline, &live.pushed, part.as_ref(), &mut notes).await?;
            (Some(composed), pushed)
        }
        (Source::Image { image, .. }, _) => {
            let known = live.pushed.images.get(ONLY);
            let pinned = current(parts, image.as_str(), known, &mut notes).await?;
            (None, Pushed { images: BTreeMap::from([(ONLY.to_owned(), pinned)]) })
        }
        (_, Some(composed)) => {
            notes.push(of_source(&app, live.commit.as_ref()));
            let outline = composed.outline(Step::Plan, &variables.env)?;
            part = parted::part(parts, &app, services, &outline).await?;
            let pushed = images(parts, &app, &outline, &live.pushed, part.as_ref(), &mut notes).await?;
            (Some(composed), pushed)
        }
        (_, None) if app.composed() => {
            let note = "The Compose file was never fetched: a deployment reads it, and plans then.";
            let notes = vec![note.to_owned()];
            let unknown = Preview { actions: Vec::new(), notes, commit: None, restarts: false };
            return Ok((unknown, StackSpec::default()));
        }
        (_, None) => {
            let pinned = match live.pushed.images.get(ONLY) {
                Some(pinned) => {
                    notes.push(of_source(&app, live.commit.as_ref()));
                    pinned.clone()
                }
                None => unbuilt(&app, ONLY, &mut notes),
            };
            (None, Pushed { images: BTreeMap::from([(ONLY.to_owned(), pinned)]) })
        }
    };
    let info = parts.engine.info().await.map_err(unavailable)?;
    let names = &secret_names::key_of_preview(parts).await?;
    let wish =
        Wish { deployment: 0, composed: composed.as_ref(), pushed: &pushed, variables: &variables, names };
    let mut spec = desire(parts, &app, &wish, &info).await?;
    let mut only = BTreeSet::new();
    if let Some(part) = &part {
        notes.extend(parted::along(services, part));
        (spec, only) = parted::onto(parts, &app, spec, part).await?;
    }
    let old = serving(parts, &app).await?;
    let mut tx = parts.db.read().await?;
    let quota = db::quota::get(&mut tx, app.team).await?;
    fits(&mut tx, &app, &quota, &spec, old.as_ref(), info.nodes).await?;
    drop(tx);
    let observed = parts.engine.observe(&spec.name).await.map_err(unavailable)?;
    let actions = actions(&spec, &observed, &only).lines();
    let mut tx = parts.db.read().await?;
    notes.extend(gap::told(&mut tx, &app, &spec, &actions).await?);
    drop(tx);
    let restarts = actions.iter().any(|line| line.restarts || line.action == "remove_service");
    Ok((Preview { actions, notes, commit: live.commit, restarts }, spec))
}

/// The images of a file's services, as far as they are known; those that are not in `part` stay as they
/// are, and nothing is asked or noted of them.
async fn images(
    parts: &Parts,
    app: &App,
    outline: &Outline,
    live: &Pushed,
    part: Option<&BTreeSet<String>>,
    notes: &mut Vec<String>,
) -> Result<Pushed, Stop> {
    let mut images = if part.is_some() { live.images.clone() } else { BTreeMap::new() };
    let ours = |service: &String| part.is_none_or(|part| part.contains(service));
    for service in outline.builds.keys().filter(|service| ours(service)) {
        let pinned = match live.images.get(service) {
            Some(pinned) => pinned.clone(),
            None => unbuilt(app, service, notes),
        };
        images.insert(service.clone(), pinned);
    }
    for (service, image) in outline.images.iter().filter(|(service, _)| ours(service)) {
        images.insert(service.clone(), current(parts, image, live.images.get(service), notes).await?);
    }
    Ok(Pushed { images })
}

/// What is known of an image that a deployment would ask a registry for.
async fn current(
    parts: &Parts,
    reference: &str,
    live: Option<&Pinned>,
    notes: &mut Vec<String>,
) -> Result<Pinned, Stop> {
    let here = parts.engine.image(reference).await.map_err(|e| Stop::engine(Step::Plan, &e))?;
    if let Some(facts) = here {
        if !reference.contains('@') {
            note(
                notes,
                format!(
                    "{reference} would be asked for at its registry; planned with what this node has of it."
                ),
            );
        }
        let local = facts.digests.is_empty();
        let image = digest(&facts, reference).unwrap_or_else(|| reference.to_owned());
        return Ok(pinned(image, facts, local));
    }
    if let Some(live) = live.filter(|live| image_parts(&live.image).0 == image_parts(reference).0) {
        note(
            notes,
            format!("{reference} would be asked for at its registry; planned with the one that serves."),
        );
        return Ok(live.clone());
    }
    note(notes, format!("{reference} was never pulled here: its own health check and port are not known."));
    Ok(Pinned { image: reference.to_owned(), health: None, port: None, words: None, local: false })
}

fn unbuilt(app: &App, service: &str, notes: &mut Vec<String>) -> Pinned {
    let what = if service.is_empty() { "The image".to_owned() } else { format!("The image of {service}") };
    note(notes, format!("{what} is not built yet: a deployment builds it."));
    let name = format!("{}:not-built-yet", app.local_image());
    Pinned { image: name, health: None, port: None, words: None, local: true }
}

/// What a source that is not looked at may hold.
fn of_source(app: &App, commit: Option<&Sha>) -> String {
    match (&app.source, commit) {
        (Source::Git { .. }, Some(commit)) => format!(
            "Planned with commit {}, which serves, and its images: a deployment fetches the newest one and builds it.",
            commit.short()
        ),
        _ => {
            "Planned with the images that serve: a deployment builds the source that is there now.".to_owned()
        }
    }
}

fn note(notes: &mut Vec<String>, text: String) {
    if !notes.contains(&text) {
        notes.push(text);
    }
}
