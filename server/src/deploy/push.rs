//! Push: bring the image to where the swarm's nodes can get it, and pin it, so that what was
//! proven is what runs, also tomorrow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use skep_stack::{text, writer::Words};

use super::{
    build::Built,
    composed::Composed,
    live::Live,
    part::part,
    registry::{Keys, failed, host},
    run::{Run, Stop},
    variables,
};
use crate::{
    domain::{app::Source, deployment::Cause, step::Step},
    swarm::ImageFacts,
};

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pushed {
    /// By service of a Compose file; [`ONLY`] for an app of one image.
    pub images: BTreeMap<String, Pinned>,
}

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
    /// What it runs; none in records of before it was asked for.
    #[serde(default)]
    pub words: Option<Words>,
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
    let keys = Keys::load(&run.parts, &run.app).await?;
    if let Some(composed) = Composed::of(run, built.composed.as_deref())? {
        return services(run, &composed, &keys).await;
    }
    match (&built.image, run.app.source.clone()) {
        (Some(local), _) => Ok(only(push(run, local, &keys).await?)),
        (None, Source::Image { image, .. }) => Ok(only(pull(run, image.as_str(), &keys).await?)),
        (None, _) => Ok(Pushed::default()),
    }
}

fn only(pinned: Pinned) -> Pushed {
    Pushed { images: BTreeMap::from([(ONLY.to_owned(), pinned)]) }
}

/// Pins the image of every service of a Compose file; services of one image share the work.
async fn services(run: &Run, composed: &Composed, keys: &Keys) -> Result<Pushed, Stop> {
    let variables = variables::load(run).await?;
    let outline = composed.outline(Step::Push, &variables.env)?;
    let mut known: BTreeMap<&str, Pinned> = BTreeMap::new();
    let part = part(&run.parts, &run.app, &run.deployment.services, &outline).await?;
    // Those of services that stay as they are stay known: a plan of the whole app asks for them.
    let mut pushed = match &part {
        Some(_) => Live::load(&run.parts, &run.app).await?.pushed,
        None => Pushed::default(),
    };
    let ours = |service: &String| part.as_ref().is_none_or(|part| part.contains(service));
    let built = composed.images.iter().map(|(service, image)| (service, image, true));
    let named = outline.images.iter().map(|(service, image)| (service, image, false));
    for (service, image, built) in built.chain(named).filter(|(service, ..)| ours(service)) {
        let pinned = match known.get(image.as_str()) {
            Some(pinned) => pinned.clone(),
            None if built => push(run, image, keys).await?,
            None => pull(run, image, keys).await?,
        };
        known.insert(image, pinned.clone());
        pushed.images.insert(service.clone(), pinned);
    }
    Ok(pushed)
}

async fn push(run: &Run, local: &str, keys: &Keys) -> Result<Pinned, Stop> {
    let engine = &run.parts.engine;
    let facts = engine.image(local).await.map_err(|e| Stop::engine(Step::Push, &e))?.ok_or_else(|| {
        Stop::failed(Step::Push, "image_missing", "the image that was built is gone; deploy again")
    })?;
    let Some(registry) = &run.parts.instance.registry else {
        run.log.say("No registry: the image stays on this node.");
        return Ok(pinned(local.to_owned(), facts, true));
    };
    let remote = format!("{registry}/{}", text::local_image(local).unwrap_or(local));
    run.log.say(&format!("Pushing {remote}"));
    engine.tag(local, &remote).await.map_err(|e| Stop::engine(Step::Push, &e))?;
    let digest = engine.push(&remote, keys.of(&remote)).await.map_err(|e| failed(run, host(registry), &e))?;
    Ok(pinned(digest, facts, false))
}

async fn pull(run: &Run, reference: &str, keys: &Keys) -> Result<Pinned, Stop> {
    run.log.say(&format!("Asking for {reference}"));
    match run.parts.engine.pull(reference, keys.of(reference)).await {
        Ok(facts) => {
            let digest = digest(&facts, reference).unwrap_or_else(|| reference.to_owned());
            run.log.say(&format!("Pinned to {digest}"));
            Ok(pinned(digest, facts, false))
        }
        Err(error) => {
            // An image that was loaded by hand has no registry to ask, and no registry's digest.
            let local = run.parts.engine.image(reference).await.map_err(|e| Stop::engine(Step::Push, &e))?;
            let loaded = local.filter(|facts| facts.digests.is_empty());
            let Some(facts) = loaded else { return Err(failed(run, host(reference), &error)) };
            run.log
                .say(&format!("No registry answers for it ({error}): using the image that is on this node."));
            Ok(pinned(reference.to_owned(), facts, true))
        }
    }
}

/// The digest under the name that was asked for: an image may be known to several registries.
pub(super) fn digest(facts: &ImageFacts, reference: &str) -> Option<String> {
    let named = facts.digests.iter().find(|digest| {
        let name = digest.split('@').next().unwrap_or_default();
        reference.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
    });
    named.or_else(|| facts.digests.first()).cloned()
}

/// What is known of an image, under this name.
pub(super) fn pinned(image: String, facts: ImageFacts, local: bool) -> Pinned {
    Pinned { image, health: facts.health, port: facts.port, words: facts.words, local }
}
