//! Teams, and the one that is looked at.

mod change;
mod create;
mod delete;
mod list;
mod look_at;
mod move_project;
mod quota;
mod set_quota;
mod show;
mod show_quota;

use serde::Serialize;

use crate::domain::{clock::Time, id::TeamId, team::Team};

/// A team.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TeamView {
    /// Its id.
    #[schema(value_type = String)]
    id: TeamId,
    /// For people.
    name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        Self { id: team.id, name: team.name.to_string(), created_at: team.created_at }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(delete::handler))
        .routes(routes!(show::handler))
        .routes(routes!(change::handler))
        .routes(routes!(look_at::handler))
        .routes(routes!(move_project::handler))
        .routes(routes!(show_quota::handler, set_quota::handler))
}
