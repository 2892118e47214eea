//! From a folder of source to an image, by the engine's BuildKit through its API.
//!
//! To add a builder: a file that turns its kind of `domain::app::Build` into a [`Recipe`]
//! (a context folder and a Dockerfile) and a line in [`prepare`]; running it is the same for all.
//!
//! Values of secrets may come back in the log: whoever gives a [`LogSink`] masks them.

mod asked;
mod buildkit;
mod context;
mod dockerfile;
mod dockerignore;
pub mod fake;
mod fingerprint;
mod frontend;
mod images;
mod inside;
mod nixpacks;
mod prepare;
mod session;
mod static_site;
mod trace;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub use self::{
    asked::Asked, buildkit::DockerBuilder, fingerprint::fingerprint, inside::inside, prepare::prepare,
};
use crate::{domain::secret::Secret, swarm::RegistryAuth};

/// What is known of a build beside the app's own build settings.
#[derive(Debug, Clone)]
pub struct Order {
    /// The top of the source.
    pub folder: PathBuf,
    /// The name that the image gets: `repository:tag`.
    pub tag: String,
    /// The name of the app's own images, without a tag: no other image of this server may be named.
    pub own: String,
    /// Labels on the image.
    pub labels: BTreeMap<String, String>,
    /// The app's variables that its build asks for as secrets, by key.
    pub secrets: BTreeMap<String, Secret>,
    /// The app's other variables; Nixpacks reads those that begin with `NIXPACKS_`.
    pub variables: BTreeMap<String, String>,
    /// Credentials for registries of base images.
    pub registries: Vec<RegistryAuth>,
    /// The program that serves static sites, if this installation has it.
    pub site: Option<&'static [u8]>,
    /// Bounds.
    pub limits: Limits,
}

/// What BuildKit shall do.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The folder sent as context.
    pub context: PathBuf,
    /// Where in the context it is put; at its top if empty.
    pub below: &'static str,
    /// Files sent with it, by their path in the context.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The Dockerfile's text: what was checked is what is built.
    pub dockerfile: String,
    /// Its path in the context; one that the context does not have is added.
    pub path: String,
    /// The text of the `.dockerignore` that counts.
    pub ignore: String,
    /// The stage; the last one if none.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Labels on the image.
    pub labels: BTreeMap<String, String>,
    /// Labels that its author gave it.
    pub own_labels: BTreeMap<String, String>,
    /// Hosts that its steps know by name: `name:address`.
    pub hosts: Vec<String>,
    /// Steps have no network.
    pub offline: bool,
    /// Base images are looked up in their registries anew.
    pub pull: bool,
    /// BuildKit secrets by id.
    pub secrets: BTreeMap<String, Secret>,
    /// Credentials for registries of base images; each goes to its own host only.
    pub registries: Vec<RegistryAuth>,
    /// The name that the image gets: `repository:tag`.
    pub tag: String,
    /// Use no earlier layers.
    pub no_cache: bool,
    /// Bounds.
    pub limits: Limits,
}

/// The name of a Dockerfile that is none of its context's files.
const ADDED: &str = ".skep.Dockerfile";

impl Recipe {
    /// One of this order without files, Dockerfile and settings yet.
    fn of(order: Order) -> Self {
        Self {
            context: order.folder,
            below: "",
            files: BTreeMap::new(),
            dockerfile: String::new(),
            path: ADDED.to_owned(),
            ignore: String::new(),
            target: None,
            args: BTreeMap::new(),
            labels: order.labels,
            own_labels: BTreeMap::new(),
            hosts: Vec::new(),
            offline: false,
            pull: false,
            secrets: BTreeMap::new(),
            registries: order.registries,
            tag: order.tag,
            no_cache: false,
            limits: order.limits,
        }
    }
}

/// Bounds of one build.
///
/// `time` and `context` hold everywhere. For memory and CPU the build API has `memory`, `cpuquota`
/// and `cgroupparent`, but BuildKit reads none of them: tried on Docker 20.10 and 28.5, each step ran
/// in `<the engine's own group>/buildkit/<chance>`, without a bound. Only the builder before BuildKit
/// holds them, and that one knows neither secrets nor caches of steps. From Docker 23 on BuildKit takes
/// limits for processes, so there `memory` bounds each process of a step; CPU is bounded by nobody.
/// What all builds of a node take together, its operator bounds at the group `docker/buildkit`, and
/// `SKEP_BUILDS` says how many there are at once. A build says in its log which of its bounds the
/// engine does not hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The build is ended after this.
    pub time: Duration,
    /// Memory of each process of a step, bytes, at least 256 MiB; none for no bound.
    pub memory: Option<i64>,
    /// CPUs of the build in nanoCPUs, for a builder that can; none for no bound.
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
    /// Throws away the oldest cached layers beyond so many bytes; says how many bytes that were.
    async fn prune(&self, keep: u64) -> Result<u64, BuildError>;
}
