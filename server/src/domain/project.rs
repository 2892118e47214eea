//! Teams, projects and environments: who owns what, and where apps live.

use super::{
    clock::Time,
    id::{EnvironmentId, ProjectId, TeamId},
    name::{DisplayName, Slug},
};

/// A group of environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The owner.
    pub team: TeamId,
    /// Unique within the team.
    pub name: Slug,
    /// For people.
    pub title: DisplayName,
    /// When it was made.
    pub created_at: Time,
}

/// Production, staging, preview... of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// The project.
    pub project: ProjectId,
    /// Unique within the project.
    pub name: Slug,
    /// When it was made.
    pub created_at: Time,
}
