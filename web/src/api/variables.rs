//! Variables of a project, an environment or an app. Values go in, and come out for who has the right to
//! see them.

use serde::{Deserialize, Serialize};

use super::{AppId, EnvironmentId, ProjectId, Time};
#[cfg(feature = "ssr")]
use super::{Result, Secret};

/// Whose variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Scope {
    /// Shared by all environments of a project: `${{project.KEY}}`.
    Project(ProjectId),
    /// Shared by all apps of an environment: `${{environment.KEY}}`.
    Environment(EnvironmentId),
    /// Of one app.
    App(AppId),
}

/// A variable without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableView {
    /// Its name.
    pub key: String,
    /// It is masked in logs.
    pub secret: bool,
    /// How containers get it as a file; none: in the environment.
    pub file: Option<SecretFile>,
    /// The value refers to shared ones by these names: `environment.DATABASE_URL`.
    pub references: Vec<String>,
    /// Counts its changes, from 1 on.
    pub version: u64,
    /// Who changed it last, if that is known.
    pub changed_by: Option<String>,
    /// When it was last changed.
    pub updated_at: Time,
    /// Older versions that can be brought back: their numbers, newest first, with who and when.
    pub older: Vec<OlderVersion>,
}

/// A variable that containers get as a file: `/run/secrets/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SecretFile {
    /// The file's name; as the variable's if empty, when it is given.
    pub name: String,
    /// The services that get it, by their names in the Compose file; all if empty.
    pub services: Vec<String>,
    /// `uid` or `uid:gid`; if absent: the service's user, if that is a number, else root.
    pub owner: Option<String>,
}

/// A variable that an app requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredVariable {
    /// Its name.
    pub key: String,
    /// It is not set, or empty: the app is not deployed.
    pub missing: bool,
}

/// What an import does, by names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportPreview {
    /// New ones.
    pub added: Vec<String>,
    /// With another value, or other in being secret.
    pub changed: Vec<String>,
    /// As they are.
    pub unchanged: Vec<String>,
    /// Taken away.
    pub removed: Vec<String>,
    /// What was given, sealed: shown again, it imports exactly this, within an hour.
    pub draft: String,
}

/// An older version of a variable, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderVersion {
    /// Its number.
    pub version: u64,
    /// Who set it, if that is known.
    pub by: Option<String>,
    /// When.
    pub at: Time,
}

/// Questions and commands about variables. All changes count from the next deployment on.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Variables: Send + Sync {
    /// The variables of a scope by name.
    async fn variables(&self, scope: &Scope) -> Result<Vec<VariableView>>;

    /// Adds a variable, or changes it if the name is there. Faults at `key`, `value`.
    async fn set_variable(&self, scope: &Scope, key: &str, value: Secret, secret: bool) -> Result<()>;

    /// What an import of a text in `.env` form would do; with `replace` the variables that it does not
    /// have go. Faults at `text`, naming each wrong line, never a value.
    async fn preview_import(
        &self,
        scope: &Scope,
        text: Secret,
        secret: bool,
        replace: bool,
    ) -> Result<ImportPreview>;

    /// Does what a preview showed; a conflict if the variables were changed since.
    async fn import_variables(&self, scope: &Scope, draft: &str) -> Result<()>;

    /// The variables that an app requires, in the order of its settings.
    async fn required_variables(&self, app: &AppId) -> Result<Vec<RequiredVariable>>;

    /// Delivers an app's variable as a file, or in the environment. Faults at `name`, `services`, `owner`.
    async fn deliver_variable(&self, app: &AppId, key: &str, file: Option<SecretFile>) -> Result<()>;

    /// The value of a variable; each look is recorded.
    async fn reveal_variable(&self, scope: &Scope, key: &str) -> Result<Secret>;

    /// Gives a variable the value of an older version again.
    async fn restore_variable(&self, scope: &Scope, key: &str, version: u64) -> Result<()>;

    /// Removes a variable.
    async fn delete_variable(&self, scope: &Scope, key: &str) -> Result<()>;
}
