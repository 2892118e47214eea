//! Who tries: one person for each role, and what they are expected to be allowed.

use skep::domain::{
    id::{EnvironmentId, ProjectId, TeamId},
    right::{Access, Place, Right, Role},
};
use skep::http::Need;
use skep_tests::{app::TestApp, client::Client, world};

use crate::things::Things;

/// Somebody, what they may do, and how they ask.
pub struct Person {
    pub name: &'static str,
    pub client: Client,
    pub access: Access,
}

/// Everybody of the team that has these things, but its owner.
pub async fn everybody(app: &TestApp, things: &Things) -> Vec<Person> {
    let environment: EnvironmentId = things.environment.parse().unwrap();
    let project: ProjectId = things.project.parse().unwrap();
    let roles: [(&'static str, &[(Place, Role)]); 7] = [
        ("member without a role", &[]),
        ("viewer", &[(Place::Team, Role::Viewer)]),
        ("deployer", &[(Place::Team, Role::Deployer)]),
        ("admin", &[(Place::Team, Role::Admin)]),
        ("second owner", &[(Place::Team, Role::Owner)]),
        ("deployer of the environment", &[(Place::Environment(environment), Role::Deployer)]),
        ("admin of the project", &[(Place::Project(project), Role::Admin)]),
    ];
    let team: TeamId = things.team.parse().unwrap();
    let mut people = Vec::new();
    for (i, (name, grants)) in roles.into_iter().enumerate() {
        let actor =
            world::member(&app.parts, team, &format!("p{i}-{}@example.org", things.app), grants).await;
        let access = (*world::caller(&app.parts, actor, false).await.access).clone();
        people.push(Person { name, client: app.program_of(actor).await, access });
    }
    people
}

/// What an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Anything but a refusal for who asks: 2xx, or 409 and 422 for what is asked.
    Allowed,
    /// 403.
    Forbidden,
    /// 404.
    Missing,
}

/// What the table and the roles say of an operation on a team's own things.
pub fn expected(operation: &str, path: &str, need: Need, access: &Access, things: &Things) -> Expected {
    let environment: EnvironmentId =
        if operation == "delete_environments" { &things.empty } else { &things.environment }.parse().unwrap();
    let project: ProjectId = things.project.parse().unwrap();
    let (seen, rights) = if path.contains("/projects/") {
        (access.sees_project(project), access.project(project))
    } else {
        (access.sees(environment), access.environment(environment))
    };
    match need {
        Need::Nothing | Need::SignedIn => Expected::Allowed,
        // What the stack becomes a part of must be seen; then it is the owner of the machines who says.
        Need::Instance if path.contains("/environments/") && !seen => Expected::Missing,
        Need::Instance => {
            if access.instance() {
                Expected::Allowed
            } else {
                Expected::Forbidden
            }
        }
        Need::Team(right) => {
            if access.team().has(right) {
                Expected::Allowed
            } else {
                Expected::Forbidden
            }
        }
        Need::Somewhere(right) => {
            if access.anywhere().has(right) {
                Expected::Allowed
            } else {
                Expected::Forbidden
            }
        }
        Need::There(_) if !seen => Expected::Missing,
        // Who sees one environment of a project sees that the project is there.
        Need::There(Right::View) => Expected::Allowed,
        Need::There(right) => {
            if rights.has(right) {
                Expected::Allowed
            } else {
                Expected::Forbidden
            }
        }
    }
}
