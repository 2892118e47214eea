//! Roles and places as people name them, for members, invitations and tokens: `deployer`,
//! `release manager`; `shop`, `shop/staging`.

use std::str::FromStr;

use serde_json::{Value, json};

use super::{
    api::Api,
    fault::Failure,
    place::{EnvironmentName, project},
    show::cell,
};

/// A project, or one of its environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum PlaceName {
    Project(String),
    Environment(EnvironmentName),
}

impl FromStr for PlaceName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "name a `project`, or a `project/environment`";
        if text.contains('/') {
            return text.parse().map(Self::Environment).map_err(|_| wrong);
        }
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let right = !text.is_empty() && text.chars().all(fine);
        if right { Ok(Self::Project(text.to_owned())) } else { Err(wrong) }
    }
}

/// The place as the API has it; the whole team if none is named.
pub(super) async fn place(api: &Api, name: Option<&PlaceName>) -> Result<Value, Failure> {
    Ok(match name {
        None => json!({"kind": "team"}),
        Some(PlaceName::Project(name)) => {
            json!({"kind": "project", "id": cell(&project(api, name).await?, "id")})
        }
        Some(PlaceName::Environment(name)) => json!({"kind": "environment", "id": name.id(api).await?}),
    })
}

/// The id of a role, by its id or name.
pub(super) async fn role(api: &Api, name: &str) -> Result<String, Failure> {
    let all = api.list("/roles").await?;
    let found = all.iter().find(|role| cell(role, "id") == name || cell(role, "name") == name);
    found.map(|role| cell(role, "id")).ok_or_else(|| {
        Failure::NotDone(format!("there is no role `{name}`; `skep roles list` tells which there are"))
    })
}

/// All names of places and roles, to tell grants by.
pub(super) struct Names {
    roles: Vec<Value>,
    projects: Vec<Value>,
}

impl Names {
    pub(super) async fn load(api: &Api) -> Result<Self, Failure> {
        Ok(Self { roles: api.list("/roles").await?, projects: api.list("/projects").await? })
    }

    /// Those of places alone: who has a role in one environment sees no list of roles.
    pub(super) async fn places(api: &Api) -> Result<Self, Failure> {
        Ok(Self { roles: Vec::new(), projects: api.list("/projects").await? })
    }

    /// `admin`, `deployer in shop/staging`.
    pub(super) fn grant(&self, place: &Value, role: &str) -> String {
        let known = self.roles.iter().find(|known| cell(known, "id") == role);
        let role = known.map_or_else(|| role.to_owned(), |known| cell(known, "name"));
        match cell(place, "kind").as_str() {
            "team" => role,
            _ => format!("{role} in {}", self.place(place)),
        }
    }

    /// `the whole team`, `shop`, `shop/staging`.
    pub(super) fn place(&self, place: &Value) -> String {
        let id = cell(place, "id");
        match cell(place, "kind").as_str() {
            "team" => "the whole team".to_owned(),
            "project" => {
                let found = self.projects.iter().find(|project| cell(project, "id") == id);
                found.map_or(id, |project| cell(project, "name"))
            }
            _ => self.environment(&id).unwrap_or(id),
        }
    }

    fn environment(&self, id: &str) -> Option<String> {
        self.projects.iter().find_map(|project| {
            let all = project.get("environments").and_then(Value::as_array)?;
            let found = all.iter().find(|environment| cell(environment, "id") == id)?;
            Some(format!("{}/{}", cell(project, "name"), cell(found, "name")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_projects_or_environments() {
        assert_eq!("shop".parse(), Ok(PlaceName::Project("shop".into())));
        assert!(matches!("shop/staging".parse(), Ok(PlaceName::Environment(_))));
        for wrong in ["", "/", "a/b/c", "Shop", "../x", "shop?x"] {
            assert!(wrong.parse::<PlaceName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn grants_are_told_by_names() {
        let names = Names {
            roles: vec![json!({"id": "r1", "name": "release manager"})],
            projects: vec![
                json!({"id": "p1", "name": "shop", "environments": [{"id": "e1", "name": "staging"}]}),
            ],
        };
        assert_eq!(names.grant(&json!({"kind": "team"}), "admin"), "admin");
        assert_eq!(names.grant(&json!({"kind": "project", "id": "p1"}), "r1"), "release manager in shop");
        assert_eq!(
            names.grant(&json!({"kind": "environment", "id": "e1"}), "viewer"),
            "viewer in shop/staging"
        );
    }
}
