//! Projects and environments, and the overview of everything.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::Result;
use super::{AppLine, DeploymentLine, EngineView, EnvironmentId, ProjectId};

/// A group of environments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectView {
    /// Its id.
    pub id: ProjectId,
    /// Unique within the team: `shop`.
    pub name: String,
    /// For people.
    pub title: String,
    /// Its environments, oldest first, with their apps.
    pub environments: Vec<EnvironmentView>,
}

/// Production, staging...
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentView {
    /// Its id.
    pub id: EnvironmentId,
    /// The project's id.
    pub project: ProjectId,
    /// The project's title.
    pub project_title: String,
    /// Unique within the project: `production`.
    pub name: String,
    /// Its apps by name.
    pub apps: Vec<AppLine>,
}

/// What an environment asks of deployments to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectionView {
    /// It is neither reset nor deleted, and the rest counts.
    pub protected: bool,
    /// How many other people must approve a deployment, 0 to 2.
    pub approvals: u32,
    /// Who deploys must say why.
    pub reason_required: bool,
    /// Globs of the branches and tags that may be deployed; any if empty.
    pub branches: Vec<String>,
    /// Pushes ask for deployments.
    pub pushes: bool,
    /// To return to an older release needs a reason, and no approval.
    pub rollback_without_approval: bool,
}

/// What the first page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The engine and the cluster as last seen.
    pub engine: EngineView,
    /// All projects by title.
    pub projects: Vec<ProjectView>,
    /// Deployments that wait or run now, newest first, with the app's name.
    pub active: Vec<DeploymentLine>,
    /// Deployments that ended last, newest first, at most ten.
    pub recent: Vec<DeploymentLine>,
}

/// Questions and commands about projects.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Projects: Send + Sync {
    /// Everything at a glance.
    async fn overview(&self) -> Result<Overview>;

    /// One project.
    async fn project(&self, id: &ProjectId) -> Result<ProjectView>;

    /// Makes a project with a first environment. Faults at `name`, `title`, `environment`.
    async fn create_project(&self, name: &str, title: &str, environment: &str) -> Result<ProjectId>;

    /// Removes a project; `Conflict` while it has apps.
    async fn delete_project(&self, id: &ProjectId) -> Result<()>;

    /// One environment.
    async fn environment(&self, id: &EnvironmentId) -> Result<EnvironmentView>;

    /// Adds an environment. Fault at `name`.
    async fn create_environment(&self, project: &ProjectId, name: &str) -> Result<EnvironmentId>;

    /// What an environment asks of deployments.
    async fn protection(&self, id: &EnvironmentId) -> Result<ProtectionView>;

    /// Protects an environment, or takes its protection away. Faults at `approvals`, `branches[n]`.
    async fn protect(&self, id: &EnvironmentId, rules: ProtectionView) -> Result<()>;

    /// Removes all apps of an environment; `Conflict` while it is protected.
    async fn reset_environment(&self, id: &EnvironmentId, volumes: bool) -> Result<()>;

    /// Removes an environment; `Conflict` while it has apps.
    async fn delete_environment(&self, id: &EnvironmentId) -> Result<()>;
}
