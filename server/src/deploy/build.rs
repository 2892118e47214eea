//! Build: make the images, labelled with the commit and the deployment.
//!
//! An image is named by what it is made of: the source and the settings of its build; for a service
//! of a Compose file, the files that its build sees. So what a release names is never another one's
//! image, services of one build share it, what was built before (an interruption, an unchanged app
//! deployed again) is not built once more, and a push that changes one service leaves the tasks of
//! the others alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use skep_stack::compose::{Further, Outline, in_order};

use super::{
    composed::Composed,
    example,
    fetch::{self, Fetched},
    part::part,
    registry::Keys,
    required,
    run::{Run, Stop},
    variables::{self, Resolved},
};
use crate::{
    build::{Asked, BuildError, Limits, Order, Recipe, fingerprint, prepare},
    domain::secret::Secret,
    domain::{
        app::{Build, Source},
        deployment::Cause,
        step::Step,
    },
    swarm::probe,
};

/// The context of one build at most, bytes.
const CONTEXT: u64 = 2 << 30;

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The local name of the image; none if there was nothing to build.
    pub image: Option<String>,
    /// The Compose file with what was built for it, sealed; see [`Composed`].
    #[serde(default)]
    pub composed: Option<String>,
}

/// Runs the step.
///
/// # Errors
/// See [`Stop`].
pub async fn run(run: &mut Run, fetched: &Fetched) -> Result<Built, Stop> {
    let rollback = matches!(run.deployment.cause, Cause::Rollback { .. });
    let built = if !rollback && run.app.composed() {
        Built { image: None, composed: Some(services(run).await?) }
    } else if rollback
        || matches!(run.app.source, Source::Image { .. })
        || matches!(run.app.build, Build::None)
    {
        run.log.say("Nothing to build.");
        Built { image: None, composed: None }
    } else {
        let variables = variables::load(run).await?;
        required::check(Step::Build, &run.app, &variables)?;
        example::tell(run, "", &variables);
        let build = run.app.build.clone();
        Built { image: make(run, fetched, &build, &variables).await?, composed: None }
    };
    let _ = tokio::fs::remove_dir_all(run.workspace()).await;
    Ok(built)
}

/// Builds what a Compose file wants built, each distinct build once.
async fn services(run: &mut Run) -> Result<String, Stop> {
    let of_files = !matches!(run.app.source, Source::Compose { .. });
    if of_files {
        fetch::ensure(run).await?;
    }
    let variables = variables::load(run).await?;
    required::check(Step::Build, &run.app, &variables)?;
    let mut composed = Composed::find(&run.app, &run.workspace())?;
    if of_files {
        example::tell(run, &composed.folder, &variables);
        composed.take_project(&variables.env, &run.workspace())?;
    }
    let outline = composed.outline(Step::Build, &variables.env)?;
    if !of_files && let Some(service) = outline.builds.keys().next() {
        let message = format!(
            "services.{service}.build: there are no files to build from; keep the Compose file in a git repository or an archive, or name an image"
        );
        return Err(Stop::failed(Step::Build, "needs_build", message));
    }
    if of_files {
        composed.take_files(&outline, &run.workspace())?;
    }
    let part = part(&run.parts, &run.app, &run.deployment.services, &outline).await?;
    let needed = part.map(|part| with_bases(&outline, part));
    let is_needed = |service: &&str| needed.as_ref().is_none_or(|needed| needed.contains(*service));
    // All that can be told before is, before anything is built.
    let asked = |service| {
        let recipe = &outline.builds[service];
        let build = composed.build(service, recipe)?;
        Ok((service, build, composed.asked(service, recipe, &variables.env)?))
    };
    let builds: Vec<_> =
        in_order(&outline.builds).into_iter().filter(is_needed).map(asked).collect::<Result<_, Stop>>()?;
    for (service, build, mut asked) in builds {
        run.log.say(&format!("Service {service}:"));
        for (name, further) in &outline.builds[service].contexts {
            let image = match further {
                Further::Image(image) => image.clone(),
                Further::Service(other) => {
                    let made = composed.images.get(other).or_else(|| outline.images.get(other));
                    made.cloned().unwrap_or_default()
                }
                Further::Folder(path) => {
                    let (build, copied) = composed.copied(path)?;
                    make_service(run, &build, &copied, &variables).await?.unwrap_or_default()
                }
            };
            run.log.say(&format!("Its Dockerfile's '{name}' is {image}, a stage in front of its own."));
            asked.contexts.insert(name.clone(), image);
        }
        if let Some(image) = make_service(run, &build, &asked, &variables).await? {
            composed.images.insert(service.to_owned(), image);
        }
    }
    let distinct: BTreeSet<&String> = composed.images.values().collect();
    run.log.say(&format!("{} services are built, {} images.", composed.images.len(), distinct.len()));
    composed.seal(&run.parts)
}

/// These services, and those whose images their builds begin with.
fn with_bases(outline: &Outline, mut services: BTreeSet<String>) -> BTreeSet<String> {
    // Backwards, whoever begins with another comes before it.
    for service in in_order(&outline.builds).into_iter().rev() {
        if !services.contains(service) {
            continue;
        }
        for further in outline.builds[service].contexts.values() {
            if let Further::Service(other) = further {
                services.insert(other.clone());
            }
        }
    }
    services
}

/// The build of an app of one image; its local name.
async fn make(
    run: &mut Run,
    fetched: &Fetched,
    build: &Build,
    variables: &Resolved,
) -> Result<Option<String>, Stop> {
    let tag = name(run, fetched, build, variables);
    if built_before(run, &tag).await? {
        return Ok(Some(tag));
    }
    fetch::ensure(run).await?;
    let order = order(run, variables, tag.clone()).await?;
    let Some(recipe) = prepare(build, &Asked::default(), order).await.map_err(stop)? else { return Ok(None) };
    execute(run, &recipe).await?;
    Ok(Some(tag))
}

/// The build of a service, whose source is there; its local name.
async fn make_service(
    run: &Run,
    build: &Build,
    asked: &Asked,
    variables: &Resolved,
) -> Result<Option<String>, Stop> {
    let order = order(run, variables, String::new()).await?;
    let Some(mut recipe) = prepare(build, asked, order).await.map_err(stop)? else { return Ok(None) };
    let unnamed = recipe.clone();
    let print = tokio::task::spawn_blocking(move || fingerprint(&unnamed));
    let print = print.await.map_err(|e| Stop::failed(Step::Build, "internal", e.to_string()))?;
    let print = print.map_err(stop)?;
    let print = print.get(..24).unwrap_or_default();
    // Who wants no earlier layers, or the newest base, wants no earlier image either.
    let anew =
        if recipe.no_cache || asked.pull { format!("-{}", run.deployment.number) } else { String::new() };
    recipe.tag = format!("{}:{print}{anew}", run.app.local_image());
    if !built_before(run, &recipe.tag).await? {
        execute(run, &recipe).await?;
    }
    Ok(Some(recipe.tag))
}

async fn built_before(run: &Run, tag: &str) -> Result<bool, Stop> {
    let there = run.parts.engine.image(tag).await.map_err(|e| Stop::engine(Step::Build, &e))?.is_some();
    if there {
        run.log.say(&format!("{tag} was built before, from the same source and settings."));
    }
    Ok(there)
}

async fn execute(run: &Run, recipe: &Recipe) -> Result<(), Stop> {
    run.log.say(&format!("Building {}", recipe.tag));
    run.parts.builder.build(recipe, &run.log, &run.cancel).await.map_err(stop)?;
    Ok(())
}

async fn order(run: &Run, variables: &Resolved, tag: String) -> Result<Order, Stop> {
    let instance = &run.parts.instance;
    let limits = Limits {
        time: Duration::from_secs(instance.build_seconds),
        memory: instance.build_memory,
        nano_cpus: instance.build_nano_cpus,
        context: CONTEXT,
    };
    let mut labels = BTreeMap::from([
        (skep_stack::labels::APP.to_owned(), run.app.id.to_string()),
        (skep_stack::labels::DEPLOYMENT.to_owned(), run.deployment.number.to_string()),
    ]);
    if let Some(commit) = &run.deployment.commit {
        labels.insert("org.opencontainers.image.revision".to_owned(), commit.as_str().to_owned());
    }
    Ok(Order {
        folder: run.workspace(),
        tag,
        own: run.app.local_image(),
        labels,
        secrets: variables.env.iter().map(|(key, value)| (key.clone(), Secret::new(value.clone()))).collect(),
        variables: variables.env.clone(),
        registries: Keys::load(&run.parts, &run.app).await?.0,
        site: probe::site(),
        limits,
    })
}

/// The local name of an app's one image: commit or archive, and a fingerprint of all else that counts. Values
/// of secrets do not count, as they do not for the builder's own cache.
fn name(run: &Run, fetched: &Fetched, build: &Build, variables: &Resolved) -> String {
    let commit = run.deployment.commit.as_ref();
    let source = commit.map(|sha| sha.as_str()).or(fetched.upload.as_deref()).unwrap_or_default();
    let short = commit.map(|sha| sha.short()).or_else(|| source.get(..12)).unwrap_or("upload");
    let plan: BTreeMap<&String, &String> = match build {
        Build::Nixpacks { .. } => {
            variables.env.iter().filter(|(key, _)| key.starts_with("NIXPACKS_")).collect()
        }
        _ => BTreeMap::new(),
    };
    // Who wants no earlier layers wants no earlier image either.
    let anew = matches!(build, Build::Dockerfile { no_cache: true, .. }).then_some(run.deployment.number);
    let all = serde_json::json!([source, build, plan, anew]).to_string();
    let print = hex::encode(Sha256::digest(all));
    format!("{}:{short}-{}", run.app.local_image(), print.get(..12).unwrap_or_default())
}

fn stop(error: BuildError) -> Stop {
    match error {
        BuildError::Failed { code, message } => Stop::failed(Step::Build, code, message),
        BuildError::Timeout(_) => Stop::failed(
            Step::Build,
            "timeout",
            format!("{error}; make it faster, or raise the instance's build time"),
        ),
        BuildError::Cancelled => Stop::Cancelled,
        BuildError::Unavailable(why) => Stop::Retry(why),
    }
}
