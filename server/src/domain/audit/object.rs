//! What something was done to.
//!
//! To add a kind: a constructor below, so that a kind is written the same everywhere.

use crate::domain::{
    app::App,
    credential::Credential,
    id::{EnvironmentId, ProjectId, TeamId, TokenId, UserId},
    project::{Environment, Project},
    right::Place,
    sso::Provider,
};

/// What something was done to: its kind, its id, what it was called then, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) project: Option<ProjectId>,
    pub(super) environment: Option<EnvironmentId>,
}

impl Object {
    /// Anything.
    #[must_use]
    pub fn new(kind: &'static str, id: impl ToString, name: impl ToString) -> Self {
        Self { kind, id: id.to_string(), name: name.to_string(), ..Self::default() }
    }

    /// The same, as part of a project.
    #[must_use]
    pub const fn of_project(mut self, project: ProjectId) -> Self {
        self.project = Some(project);
        self
    }

    /// The same, as part of an environment.
    #[must_use]
    pub const fn of_environment(mut self, environment: EnvironmentId) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The whole instance.
    #[must_use]
    pub fn instance() -> Self {
        Self::new("instance", "", "")
    }

    /// A team.
    #[must_use]
    pub fn team(id: TeamId, name: &str) -> Self {
        Self::new("team", id, name)
    }

    /// A person.
    #[must_use]
    pub fn person(id: UserId, called: &str) -> Self {
        Self::new("person", id, called)
    }

    /// A service account.
    #[must_use]
    pub fn service_account(id: UserId, called: &str) -> Self {
        Self::new("service_account", id, called)
    }

    /// An API token.
    #[must_use]
    pub fn token(id: TokenId, name: &str) -> Self {
        Self::new("token", id, name)
    }

    /// An identity provider.
    #[must_use]
    pub fn provider(provider: &Provider) -> Self {
        Self::new("identity_provider", provider.id, provider.name.as_str())
    }

    /// A project.
    #[must_use]
    pub fn project(project: &Project) -> Self {
        Self::new("project", project.id, &project.name).of_project(project.id)
    }

    /// An environment.
    #[must_use]
    pub fn environment(environment: &Environment) -> Self {
        Self::new("environment", environment.id, &environment.name)
            .of_project(environment.project)
            .of_environment(environment.id)
    }

    /// An app.
    #[must_use]
    pub fn app(app: &App) -> Self {
        Self::new("app", app.id, &app.name).of_environment(app.environment)
    }

    /// A stored credential.
    #[must_use]
    pub fn credential(credential: &Credential) -> Self {
        Self::new("credential", credential.id, &credential.title).at(credential.place)
    }

    /// The trusted keys of an ssh host.
    #[must_use]
    pub fn host_key(host: &str, place: Place) -> Self {
        Self::new("host_key", "", host).at(place)
    }

    /// The same, as part of a place.
    #[must_use]
    const fn at(self, place: Place) -> Self {
        match place {
            Place::Team => self,
            Place::Project(id) => self.of_project(id),
            Place::Environment(id) => self.of_environment(id),
        }
    }

    /// An address of the API or a form, as `POST /api/v1/apps/{id}/restart`.
    #[must_use]
    pub fn route(method: &str, pattern: &str) -> Self {
        Self::new("route", format!("{method} {pattern}"), "")
    }

    /// The log itself.
    #[must_use]
    pub fn audit() -> Self {
        Self::new("audit", "", "")
    }
}
