//! From a folder of source to an image, by the engine's BuildKit through its API.
//!
//! To add a builder: a file that turns its kind of `domain::app::Build` into a [`Recipe`]
//! (a context folder and a Dockerfile) and a line in [`prepare`]; running it is the same for all.
//!
//! Values of secrets may come back in the log: whoever gives a [`LogSink`] masks them.

mod buildkit;
mod context;
mod dockerfile;
mod dockerignore;
pub mod fake;
mod frontend;
mod inside;
mod nixpacks;
mod prepare;
mod session;
mod static_site;
mod trace;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub use self::{buildkit::DockerBuilder, prepare::prepare};
use crate::domain::secret::Secret;

/// The image that serves static sites if no other is set: it holds `/bin/busybox`.
pub const STATIC_BASE: &str = "skep.invalid/base/static:1";

/// What is known of a build beside the app's own build settings.
#[derive(Debug, Clone)]
pub struct Order {
    /// The top of the source.
    pub folder: PathBuf,
    /// The name that the image gets: `repository:tag`.
    pub tag: String,
    /// Labels on the image.
    pub labels: BTreeMap<String, String>,
    /// The app's variables that its build asks for as secrets, by key.
    pub secrets: BTreeMap<String, Secret>,
    /// The app's other variables; Nixpacks reads those that begin with `NIXPACKS_`.
    pub variables: BTreeMap<String, String>,
    /// The image that serves static sites: [`STATIC_BASE`] or the instance's own.
    pub static_base: String,
    /// Bounds.
    pub limits: Limits,
}

/// What BuildKit shall do.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The folder sent as context.
    pub context: PathBuf,
    /// Files sent with it, by their path in the context.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The Dockerfile's text: what was checked is what is built.
    pub dockerfile: String,
    /// The text of the `.dockerignore` that counts.
    pub ignore: String,
    /// The stage; the last one if none.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Labels on the image.
    pub labels: BTreeMap<String, String>,
    /// BuildKit secrets by id.
    pub secrets: BTreeMap<String, Secret>,
    /// The name that the image gets: `repository:tag`.
    pub tag: String,
    /// Use no earlier layers.
    pub no_cache: bool,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds of one build.
///
/// An engine's BuildKit puts all steps into one group of its own and takes no bound for it (tried on
/// Docker 20.10 and 28.5: `memory`, `cpuquota` and `cgroupparent` change nothing). From Docker 23 on
/// it takes limits for each process, and `memory` becomes one; `nano_cpus` is for other builders. A
/// build says in its log which of its bounds the engine does not hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The build is ended after this.
    pub time: Duration,
    /// Memory of each process of a step, bytes, at least 256 MiB; none for no bound.
    pub memory: Option<i64>,
    /// CPU time of each step in nanoCPUs; none for no bound.
    pub nano_cpus: Option<i64>,
    /// Bytes of context at most.
    pub context: u64,
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The Dockerfile, the context or a step of the build is at fault; the log says more.
    #[error("{message}")]
    Failed {
        /// Stable: `build_failed`, `path_outside_repository`, `dockerfile_missing`, `build_oom`...
        code: &'static str,
        /// What happened and what to do.
        message: String,
    },
    /// It took too long.
    #[error("the build took longer than {} s", .0.as_secs())]
    Timeout(Duration),
    /// Somebody stopped it.
    #[error("the build was cancelled")]
    Cancelled,
    /// The engine is at fault; worth another try.
    #[error("the engine does not build now: {0}")]
    Unavailable(String),
}

/// Takes build output, line by line, as it comes. Must not block.
pub trait LogSink: Send + Sync {
    /// One line without its end.
    fn line(&self, line: &str);
}

/// Makes images.
#[async_trait]
pub trait Builder: Send + Sync {
    /// Runs the recipe; the local id (`sha256:…`) of the image. Ends within 10 s of a cancel.
    async fn build(
        &self,
        recipe: &Recipe,
        log: &dyn LogSink,
        cancel: &CancellationToken,
    ) -> Result<String, BuildError>;
}
