//! Build: make the image, labelled with the commit and the deployment.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    fetch,
    run::{Run, Stop},
    variables,
};
use crate::{
    build::{BuildError, Limits, Order, STATIC_BASE, prepare},
    domain::secret::Secret,
    domain::{
        app::{Build, Source},
        deployment::Cause,
        step::Step,
    },
};

/// The context of one build at most, bytes.
const CONTEXT: u64 = 2 << 30;

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The local name of the image; none if there was nothing to build.
    pub image: Option<String>,
}

/// Runs the step.
///
/// # Errors
/// See [`Stop`].
pub async fn run(run: &mut Run) -> Result<Built, Stop> {
    let no_source = matches!(run.app.source, Source::Image { .. } | Source::Compose { .. });
    if no_source
        || matches!(run.app.build, Build::None)
        || matches!(run.deployment.cause, Cause::Rollback { .. })
    {
        run.log.say("Nothing to build.");
        return Ok(Built { image: None });
    }
    let tag = name(run);
    if run.parts.engine.image(&tag).await.map_err(|e| Stop::engine(Step::Build, &e))?.is_some() {
        run.log.say("The image was built before the interruption.");
        return Ok(Built { image: Some(tag) });
    }
    fetch::ensure(run).await?;
    let variables = variables::load(&run.parts, &run.app).await?;
    let instance = &run.parts.instance;
    let limits = Limits {
        time: Duration::from_secs(instance.build_seconds),
        memory: instance.build_memory,
        nano_cpus: instance.build_nano_cpus,
        context: CONTEXT,
    };
    let mut labels = std::collections::BTreeMap::from([
        (skep_stack::labels::APP.to_owned(), run.app.id.to_string()),
        (skep_stack::labels::DEPLOYMENT.to_owned(), run.deployment.number.to_string()),
    ]);
    if let Some(commit) = &run.deployment.commit {
        labels.insert("org.opencontainers.image.revision".to_owned(), commit.as_str().to_owned());
    }
    let secrets =
        variables.env.iter().map(|(key, value)| (key.clone(), Secret::new(value.clone()))).collect();
    let order = Order {
        folder: run.workspace(),
        tag: tag.clone(),
        labels,
        secrets,
        variables: variables.env,
        static_base: STATIC_BASE.to_owned(),
        limits,
    };
    let Some(recipe) = prepare(&run.app.build, order).await.map_err(stop)? else {
        return Ok(Built { image: None });
    };
    run.log.say(&format!("Building {tag}"));
    run.parts.builder.build(&recipe, &run.log, &run.cancel).await.map_err(stop)?;
    let _ = tokio::fs::remove_dir_all(run.workspace()).await;
    Ok(Built { image: Some(tag) })
}

/// The image's local name: one for each deployment, so that what a release names is never
/// another one's image. `.invalid` can never be a registry (RFC 2606).
fn name(run: &Run) -> String {
    let commit = run.deployment.commit.as_ref().map_or("upload", |sha| sha.short());
    format!("skep.invalid/{}:{}-{commit}", run.app.stack, run.deployment.number)
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
