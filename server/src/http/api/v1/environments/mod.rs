//! Environments.

mod adopt;
mod create;
mod delete;
mod list;

use serde::Serialize;

use crate::domain::{
    clock::Time,
    id::{EnvironmentId, ProjectId},
    project::Environment,
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

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(delete::handler))
        .routes(routes!(adopt::handler))
}
