//! Apps: what runs, where it answers, and the commands that change it at once.

use serde::{Deserialize, Serialize};

use super::{AppId, DeploymentLine, EnvironmentId, ProjectId, ReleaseView, Time};
#[cfg(feature = "ssr")]
use super::{AppLogLine, Configuration, NewApp, Result};

/// What an app is doing, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppState {
    /// It was never live.
    Empty,
    /// As many healthy replicas as wanted.
    Running,
    /// Fewer healthy replicas than wanted, but some.
    Degraded,
    /// None is healthy, though some are wanted.
    Down,
    /// Stopped by a person.
    Stopped,
    /// Being removed.
    Removing,
    /// The engine does not tell.
    Unknown,
}

/// An app in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppLine {
    /// Its id.
    pub id: AppId,
    /// Unique within the environment.
    pub name: String,
    /// What it is doing.
    pub state: AppState,
    /// Healthy replicas; none if not known.
    pub running: Option<u64>,
    /// Replicas that should run (0 when stopped).
    pub wanted: u64,
    /// The address to show: `https://shop.example.org`.
    pub url: Option<String>,
    /// Where it comes from, in a few words: `github.com/acme/shop · main`.
    pub source: String,
    /// The last deployment.
    pub last: Option<DeploymentLine>,
}

/// An app's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// As in lists.
    pub line: AppLine,
    /// The project's id.
    pub project: ProjectId,
    /// The project's title.
    pub project_title: String,
    /// The environment's id.
    pub environment: EnvironmentId,
    /// The environment's name.
    pub environment_name: String,
    /// The name of its stack in Swarm.
    pub stack: String,
    /// All addresses, `http` while there is no certificate.
    pub urls: Vec<String>,
    /// What serves now.
    pub release: Option<ReleaseView>,
    /// The deployment that waits or runs now.
    pub active: Option<DeploymentLine>,
    /// Tasks as observed, newest first; none if the engine does not tell.
    pub tasks: Option<Vec<TaskView>>,
    /// Its services, if it is a Compose app that was deployed.
    pub services: Vec<ServiceView>,
    /// Why the engine does not tell.
    pub unknown_reason: Option<String>,
    /// Source, settings or variables changed after the last deployment began.
    pub changed: bool,
    /// Pushes deploy by themselves.
    pub auto_deploy: bool,
    /// The replicas that it has, or gets at the next start.
    pub replicas: u64,
    /// It has a volume, so that removing it must ask about data.
    pub has_volumes: bool,
    /// The port on which it listens, if known: proposed for a new domain.
    pub port: Option<u16>,
    /// When it was made.
    pub created_at: Time,
}

/// A service of a Compose app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Its name in the file.
    pub name: String,
    /// The image.
    pub image: String,
    /// Tasks that it shall have; none for jobs, and for services with one task on each node.
    pub replicas: Option<u64>,
    /// It runs to its end.
    pub job: bool,
    /// It is never scaled beyond one task: it alone writes to a volume.
    pub single_writer: bool,
    /// Healthy tasks; none if not known.
    pub running: Option<u64>,
    /// The engine's word for its newest task, if there is one: `complete`, `failed`...
    pub newest: Option<String>,
}

/// A task of the app, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    /// The replica: `1`, or the node's name for global services.
    pub slot: String,
    /// The node's name.
    pub node: String,
    /// The engine's word: `running`, `starting`, `failed`, `shutdown`...
    pub state: String,
    /// It counts: it should run, and it does, healthy.
    pub healthy: bool,
    /// The engine's error, if any.
    pub error: Option<String>,
    /// When that state began.
    pub since: Time,
}

/// Questions and commands about apps.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Apps: Send + Sync {
    /// Makes an app; nothing runs yet, except by `new.deploy`. Faults at `name`, `source.*`,
    /// `build.*`, `settings.port`, `host`.
    async fn create_app(&self, environment: &EnvironmentId, new: NewApp) -> Result<AppId>;

    /// One app.
    async fn app(&self, id: &AppId) -> Result<AppView>;

    /// Its source, build and settings.
    async fn configuration(&self, id: &AppId) -> Result<Configuration>;

    /// Changes source, build and settings together; they count from the next deployment on.
    /// Faults with the paths of [`Configuration`]'s JSON.
    async fn configure(&self, id: &AppId, configuration: Configuration) -> Result<()>;

    /// Takes an archive (tar, tar.gz or zip) as the source of an upload app and answers its
    /// digest. Fault at `archive`.
    async fn upload(&self, id: &AppId, archive: Archive<'_>) -> Result<String>;

    /// Runs it again with the replicas that it had.
    async fn start(&self, id: &AppId) -> Result<()>;

    /// Scales it to nothing; its replicas are kept for the next start.
    async fn stop(&self, id: &AppId) -> Result<()>;

    /// Replaces all tasks by new ones of the same release, or those of one service of a Compose app.
    async fn restart(&self, id: &AppId, service: Option<&str>) -> Result<()>;

    /// Sets the replicas, now and for later, of one service of a Compose app. Fault at `replicas`.
    async fn scale(&self, id: &AppId, service: Option<&str>, replicas: u64) -> Result<()>;

    /// Removes it with everything that is its own; its volumes too if `volumes`. `name` is typed
    /// by the person and must be the app's: fault at `name`.
    async fn delete_app(&self, id: &AppId, name: &str, volumes: bool) -> Result<()>;

    /// The last lines of all replicas, or of those of one service, oldest first, at most `tail`.
    /// `Unavailable` if the engine does not tell.
    async fn app_log(&self, id: &AppId, service: Option<&str>, tail: u32) -> Result<Vec<AppLogLine>>;
}

/// An uploaded file, read piece by piece.
#[cfg(feature = "ssr")]
pub type Archive<'a> = std::pin::Pin<
    Box<dyn futures_core::Stream<Item = std::result::Result<axum::body::Bytes, std::io::Error>> + Send + 'a>,
>;
