//! Projects.

mod create;
mod delete;
mod list;
mod show;

use serde::Serialize;

use super::environments::EnvironmentView;
use crate::domain::{
    clock::Time,
    id::ProjectId,
    project::{Environment, Project},
};

/// A group of environments.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProjectView {
    /// Its id.
    #[schema(value_type = String)]
    id: ProjectId,
    /// Unique within the team.
    name: String,
    /// For people.
    title: String,
    /// Its environments, oldest first.
    environments: Vec<EnvironmentView>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl ProjectView {
    fn new(project: Project, environments: &[Environment]) -> Self {
        let mine = environments.iter().filter(|environment| environment.project == project.id);
        Self {
            id: project.id,
            name: project.name.to_string(),
            title: project.title.to_string(),
            environments: mine.cloned().map(EnvironmentView::from).collect(),
            created_at: project.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(show::handler))
        .routes(routes!(delete::handler))
}
