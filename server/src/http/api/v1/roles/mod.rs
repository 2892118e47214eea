//! Roles: those that every team has, and those that it made.

mod change;
mod create;
mod list;
mod remove;

use serde::Serialize;

use crate::domain::{
    right::{Right, Rights, Role},
    team::TeamRole,
};

/// A named set of rights.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RoleView {
    /// What grants name: `viewer`, `deployer`, `admin`, `owner`, or an id.
    id: String,
    /// For people.
    name: String,
    /// Every team has it, and it cannot be changed.
    built_in: bool,
    /// What it gives.
    rights: Vec<Right>,
}

impl RoleView {
    fn built_in(role: Role) -> Self {
        let rights = role.rights().iter().collect();
        Self { id: role.name(), name: role.name(), built_in: true, rights }
    }
}

impl From<TeamRole> for RoleView {
    fn from(role: TeamRole) -> Self {
        let rights = role.rights.iter().collect();
        Self { id: role.id.to_string(), name: role.name.to_string(), built_in: false, rights }
    }
}

fn rights(named: Vec<Right>) -> Rights {
    named.into_iter().collect()
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
}
