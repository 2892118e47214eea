//! Environment variables: of a project, an environment, or an app; encrypted at rest.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{AppId, EnvironmentId, ProjectId, VariableId},
    name::{Email, EnvKey, SecretFileName, SecretFileOwner},
};

/// Whom a variable belongs to. An app sees its project's and environment's by reference only:
/// `${{project.KEY}}`, `${{environment.KEY}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Shared by all environments of a project.
    Project(ProjectId),
    /// Shared by all apps of an environment.
    Environment(EnvironmentId),
    /// Of one app; these reach its container.
    App(AppId),
}

impl Scope {
    /// The kind's name and the bare id, for storage.
    #[must_use]
    pub const fn parts(self) -> (&'static str, uuid::Uuid) {
        match self {
            Self::Project(id) => ("project", id.uuid()),
            Self::Environment(id) => ("environment", id.uuid()),
            Self::App(id) => ("app", id.uuid()),
        }
    }
}

/// One variable; its value stays sealed until a deployment needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its id.
    pub id: VariableId,
    /// Its name.
    pub key: EnvKey,
    /// The value, encrypted.
    pub sealed: Vec<u8>,
    /// Masked in logs, never shown again.
    pub secret: bool,
    /// How containers get it as a file; none: in the environment.
    pub file: Option<SecretFile>,
    /// Counts its changes, from 1 on.
    pub version: i64,
    /// Who changed it last, if that is known and they are still here.
    pub changed_by: Option<Email>,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// What stands within `${{ }}`, without blanks around it.
    Reference(&'a str),
}

/// The parts of an app's variable, in order. What is not closed is text.
pub fn pieces(value: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let at = rest.find("${{").filter(|at| rest[*at..].contains("}}")).unwrap_or(rest.len());
        if rest.is_empty() {
            return None;
        }
        if at > 0 {
            let (text, after) = rest.split_at(at);
            rest = after;
            return Some(Piece::Text(text));
        }
        let (name, after) = rest[3..].split_once("}}")?;
        rest = after;
        Some(Piece::Reference(name.trim()))
    })
}

/// A variable that containers get as a file: a Swarm secret at `/run/secrets/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretFile {
    /// The file's name.
    pub name: SecretFileName,
    /// The services that get it, by their names in the Compose file; all if empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<String>,
    /// Whose it is; the service's user if absent and a number, else root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<SecretFileOwner>,
}

#[cfg(test)]
mod tests {
    use super::{Piece::*, pieces};

    #[test]
    fn a_value_is_text_and_references() {
        let all = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(all("a${{ app.X }}${{b}}c"), [Text("a"), Reference("app.X"), Reference("b"), Text("c")]);
        assert_eq!(all("${{open"), [Text("${{open")]);
        assert_eq!(all("}}${{x}}${{"), [Text("}}"), Reference("x"), Text("${{")]);
        assert_eq!(all("plain $b ${c} {{d}}"), [Text("plain $b ${c} {{d}}")]);
        assert_eq!(all(""), []);
    }
}
