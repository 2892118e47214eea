//! Environments.

mod adopt;
mod create;
mod delete;
mod list;
mod protect;
mod protection;
mod reset;

use serde::{Deserialize, Serialize};

use crate::domain::{
    clock::Time,
    id::{EnvironmentId, ProjectId},
    project::Environment,
    protection::Protection,
};

/// Production, staging...
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EnvironmentView {
    /// Its id.
    #[schema(value_type = String)]
    id: EnvironmentId,
    /// The project.
    #[schema(value_type = String)]
    project: ProjectId,
    /// Unique within the project.
    name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Environment> for EnvironmentView {
    fn from(environment: Environment) -> Self {
        Self {
            id: environment.id,
            project: environment.project,
            name: environment.name.to_string(),
            created_at: environment.created_at,
        }
    }
}

/// What an environment asks of deployments to it.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Protection)]
#[serde(default, deny_unknown_fields)]
pub struct ProtectionView {
    /// It is protected: neither reset nor removed, and the rest counts.
    protected: bool,
    /// How many other people must approve a deployment, 0 to 2.
    approvals: i64,
    /// Who deploys must say why.
    reason_required: bool,
    /// Globs of the branches and tags that apps from git may follow; any if empty.
    branches: Vec<String>,
    /// Pushes ask for deployments; they wait for approval as others do.
    pushes: bool,
    /// To return to a release that served before needs a reason, and no approval.
    rollback_without_approval: bool,
}

impl Default for ProtectionView {
    fn default() -> Self {
        Self::from(Some(Protection::default()))
    }
}

impl From<Option<Protection>> for ProtectionView {
    fn from(rules: Option<Protection>) -> Self {
        let protected = rules.is_some();
        let rules = rules.unwrap_or_default();
        Self {
            protected,
            approvals: rules.approvals,
            reason_required: rules.reason_required,
            branches: rules.branches,
            pushes: rules.pushes,
            rollback_without_approval: rules.rollback_without_approval,
        }
    }
}

impl ProtectionView {
    /// The rules; none if it is not to be protected.
    fn rules(self) -> Option<Protection> {
        self.protected.then_some(Protection {
            approvals: self.approvals,
            reason_required: self.reason_required,
            branches: self.branches,
            pushes: self.pushes,
            rollback_without_approval: self.rollback_without_approval,
        })
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(delete::handler))
        .routes(routes!(adopt::handler))
        .routes(routes!(protection::handler))
        .routes(routes!(protect::handler))
        .routes(routes!(reset::handler))
}
