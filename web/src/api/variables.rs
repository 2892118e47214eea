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

    /// Sets all variables of a text in `.env` form and answers how many; nothing is set if a line
    /// is wrong. Fault at `text`, naming the line, never its value.
    async fn import_variables(&self, scope: &Scope, text: Secret, secret: bool) -> Result<u32>;

    /// The value of a variable; each look is recorded.
    async fn reveal_variable(&self, scope: &Scope, key: &str) -> Result<Secret>;

    /// Gives a variable the value of an older version again.
    async fn restore_variable(&self, scope: &Scope, key: &str, version: u64) -> Result<()>;

    /// Removes a variable.
    async fn delete_variable(&self, scope: &Scope, key: &str) -> Result<()>;
}
