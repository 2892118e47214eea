//! Push: bring the image to where the swarm's nodes can get it, and pin it, so that what was
//! proven is what runs, also tomorrow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use skep_stack::compose::outline;

use super::{
    build::Built,
    desire,
    parts::Parts,
    run::{Run, Stop},
    variables,
};
use crate::{
    db,
    domain::{
        app::{App, Source},
        credential::Kind,
        deployment::Cause,
        id::CredentialId,
        step::Step,
    },
    swarm::{EngineError, ImageFacts, RegistryAuth},
};

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pushed {
    /// By service of a Compose file; [`ONLY`] for an app of one image.
    pub images: BTreeMap<String, Pinned>,
}

/// Where images without a registry's name come from.
const HUB: &str = "Docker Hub";

/// The key of the image of an app that has only one.
pub const ONLY: &str = "";

/// An image that will be the same tomorrow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// Pinned by digest, or the local name on a swarm without a registry.
    pub image: String,
    /// The image's own health check.
    pub health: Option<Vec<String>>,
    /// The lowest TCP port it exposes.
    pub port: Option<u16>,
    /// The image is on this node alone.
    pub local: bool,
}

/// Runs the step.
///
/// # Errors
/// See [`Stop`].
pub async fn run(run: &mut Run, built: &Built) -> Result<Pushed, Stop> {
    if let Cause::Rollback { .. } = run.deployment.cause {
        return Ok(Pushed::default());
    }
    match (&built.image, run.app.source.clone()) {
        (Some(local), _) => Ok(only(push(run, local).await?)),
        (None, Source::Image { image, credential }) => Ok(only(pull(run, image.as_str(), credential).await?)),
        (None, Source::Compose { text }) => compose(run, &text).await,
        (None, _) => Ok(Pushed::default()),
    }
}

fn only(pinned: Pinned) -> Pushed {
    Pushed { images: BTreeMap::from([(ONLY.to_owned(), pinned)]) }
}

/// Pins the image of every service of a Compose file.
async fn compose(run: &Run, text: &str) -> Result<Pushed, Stop> {
    let variables = variables::load(&run.parts, &run.app).await?;
    let outline = outline(text, &variables.env).map_err(|faults| desire::refused(Step::Push, &faults))?;
    if let Some(service) = outline.builds.keys().next() {
        let message =
            format!("service {service} has no image: a Compose text without a repository cannot build one");
        return Err(Stop::failed(Step::Push, "needs_build", message));
    }
    let mut pushed = Pushed::default();
    for (service, image) in outline.images {
        pushed.images.insert(service, pull(run, &image, None).await?);
    }
    Ok(pushed)
}

async fn push(run: &Run, local: &str) -> Result<Pinned, Stop> {
    let engine = &run.parts.engine;
    let facts = engine.image(local).await.map_err(|e| Stop::engine(Step::Push, &e))?.ok_or_else(|| {
        Stop::failed(Step::Push, "image_missing", "the image that was built is gone; deploy again")
    })?;
    let Some(registry) = &run.parts.instance.registry else {
        run.log.say("No registry: the image stays on this node.");
        return Ok(pinned(local.to_owned(), facts, true));
    };
    let remote = format!("{registry}/{}", local.trim_start_matches("skep.invalid/"));
    run.log.say(&format!("Pushing {remote}"));
    engine.tag(local, &remote).await.map_err(|e| Stop::engine(Step::Push, &e))?;
    let digest = engine.push(&remote, None).await.map_err(|e| registry_error(registry, &e))?;
    Ok(pinned(digest, facts, false))
}

async fn pull(run: &Run, reference: &str, credential: Option<CredentialId>) -> Result<Pinned, Stop> {
    let auth = registry_auth(&run.parts, &run.app, credential).await?;
    run.log.say(&format!("Asking for {reference}"));
    match run.parts.engine.pull(reference, auth.as_ref()).await {
        Ok(facts) => {
            let digest = facts.digests.first().cloned().unwrap_or_else(|| reference.to_owned());
            run.log.say(&format!("Pinned to {digest}"));
            Ok(pinned(digest, facts, false))
        }
        Err(error) => {
            // An image that was loaded by hand has no registry to ask.
            let local = run.parts.engine.image(reference).await.map_err(|e| Stop::engine(Step::Push, &e))?;
            let Some(facts) = local else { return Err(registry_error(host(reference), &error)) };
            run.log
                .say(&format!("No registry answers for it ({error}): using the image that is on this node."));
            Ok(pinned(reference.to_owned(), facts, true))
        }
    }
}

fn pinned(image: String, facts: ImageFacts, local: bool) -> Pinned {
    Pinned { image, health: facts.health, port: facts.port, local }
}

/// The credential that an app's image source names, opened.
///
/// # Errors
/// It is gone or cannot be opened.
pub async fn registry_auth(
    parts: &Parts,
    app: &App,
    credential: Option<CredentialId>,
) -> Result<Option<RegistryAuth>, Stop> {
    let Some(id) = credential else { return Ok(None) };
    let mut tx = parts.db.read().await?;
    let found = db::credential::get(&mut tx, app.team, id)
        .await?
        .filter(|found| found.kind == Kind::Registry)
        .ok_or_else(|| {
            Stop::failed(
                Step::Push,
                "credential_missing",
                "the app's registry credential is gone: choose another",
            )
        })?;
    if let Source::Image { image, .. } = &app.source
        && !is_for(&found.host, image.as_str())
    {
        let message = format!(
            "the app's registry credential is for {}, and is sent to no other: choose one for {}",
            found.host,
            host(image.as_str())
        );
        return Err(Stop::failed(Step::Push, "credential_host", message));
    }
    let password = parts
        .seal
        .open_text("credential", &found.sealed)
        .map_err(|e| Stop::failed(Step::Push, "sealed", e.to_string()))?;
    Ok(Some(RegistryAuth { host: found.host, username: found.username.unwrap_or_default(), password }))
}

fn registry_error(registry: &str, error: &EngineError) -> Stop {
    if error.transient() {
        return Stop::Retry(format!("registry {registry}: {error}"));
    }
    Stop::failed(
        Step::Push,
        "registry",
        format!("registry {registry}: {error}. Check the image's name and the registry's credential"),
    )
}

/// Whether a credential for `registry` may be sent to where the image is.
fn is_for(registry: &str, reference: &str) -> bool {
    match host(reference) {
        HUB | "docker.io" => {
            matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io" | "hub.docker.com")
        }
        host => registry.eq_ignore_ascii_case(host),
    }
}

fn host(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB,
    }
}
