//! An app's variables, opened and with their references resolved.
//!
//! `${{project.KEY}}`, `${{environment.KEY}}` and `${{app.KEY}}` stand for other variables; an
//! unknown one stops the deployment before anything is touched. A value is put in as it is: it
//! is never read again for references, nor as anything else.

use std::collections::BTreeMap;

use super::{parts::Parts, run::Stop};
use crate::{
    db,
    domain::{
        app::App,
        fault::Fault,
        secret::Secret,
        step::Step,
        variable::{Scope, SecretFile},
    },
};

/// Variables as the container gets them, and the values to mask.
#[derive(Debug, Default)]
pub struct Resolved {
    /// By key.
    pub env: BTreeMap<String, String>,
    /// Values of secret variables, also those that came in by reference.
    pub secrets: Vec<Secret>,
    /// How those of them are delivered that containers get as files, by key.
    pub files: BTreeMap<String, SecretFile>,
}

impl Resolved {
    /// What is set in the environment: not what is mounted.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut env = self.env.clone();
        env.retain(|key, _| !self.files.contains_key(key));
        env
    }
}

/// Values by key, with whether they are secret.
type Values = BTreeMap<String, (Secret, bool)>;

/// Loads and resolves an app's variables.
///
/// # Errors
/// An unknown reference; the database.
pub async fn load(parts: &Parts, app: &App) -> Result<Resolved, Stop> {
    let (scopes, files) = scopes(parts, app).await?;
    let resolved = resolve(&scopes[0], &scopes[1], &scopes[2]).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(|f| format!("{}: {}", f.field, f.message)).collect();
        Stop::failed(Step::Plan, "unknown_reference", all.join("; "))
    })?;
    Ok(Resolved { files, ..resolved })
}

/// The secret values that an app's variables can have to do with, by key, whether they resolve or not.
///
/// # Errors
/// The database; a value that cannot be opened.
pub(super) async fn secrets(parts: &Parts, app: &App) -> Result<Vec<(String, Secret)>, Stop> {
    let (scopes, _) = scopes(parts, app).await?;
    let all = scopes.into_iter().flatten().filter(|(_, (_, secret))| *secret);
    Ok(all.map(|(key, (value, _))| (key, value)).collect())
}

/// The values of project, environment and app, and how the app's are delivered.
async fn scopes(parts: &Parts, app: &App) -> Result<([Values; 3], BTreeMap<String, SecretFile>), Stop> {
    let mut tx = parts.db.read().await?;
    let environment = db::project::environment(&mut tx, app.team, app.environment)
        .await?
        .ok_or_else(|| Stop::failed(Step::Plan, "environment_missing", "the app's environment is gone"))?;
    let mut files = BTreeMap::new();
    let mut scopes = [Values::new(), Values::new(), Values::new()];
    let all = [Scope::Project(environment.project), Scope::Environment(environment.id), Scope::App(app.id)];
    for (scope, values) in all.into_iter().zip(&mut scopes) {
        for variable in db::variable::list(&mut tx, scope).await? {
            let value = parts
                .seal
                .open_text("variable", &variable.sealed)
                .map_err(|e| Stop::failed(Step::Plan, "sealed", format!("variable {}: {e}", variable.key)))?;
            if let Some(file) = variable.file {
                files.insert(variable.key.to_string(), file);
            }
            values.insert(variable.key.to_string(), (value, variable.secret));
        }
    }
    Ok((scopes, files))
}

/// Puts the values of references into an app's variables.
///
/// # Errors
/// Every reference that is unknown or not closed.
pub fn resolve(project: &Values, environment: &Values, app: &Values) -> Result<Resolved, Vec<Fault>> {
    let mut resolved = Resolved::default();
    let mut faults = Vec::new();
    for (key, (value, secret)) in app {
        let mut text = String::new();
        let mut rest = value.expose();
        let mut holds_secret = *secret;
        while let Some(at) = rest.find("${{") {
            text.push_str(&rest[..at]);
            let Some(end) = rest[at..].find("}}") else {
                break;
            };
            let name = rest[at + 3..at + end].trim();
            let found = name.split_once('.').and_then(|(scope, key)| match scope {
                "project" => project.get(key),
                "environment" => environment.get(key),
                "app" => app.get(key),
                _ => None,
            });
            match found {
                Some((value, secret)) => {
                    text.push_str(value.expose());
                    holds_secret |= *secret;
                    if *secret {
                        resolved.secrets.push(value.clone());
                    }
                }
                None => faults.push(Fault {
                    field: format!("variables.{key}"),
                    code: "unknown_reference".to_owned(),
                    message: format!(
                        "there is no variable {name:?}; write `project.KEY`, `environment.KEY` or `app.KEY`"
                    ),
                }),
            }
            rest = &rest[at + end + 2..];
        }
        text.push_str(rest);
        if holds_secret {
            resolved.secrets.push(Secret::new(text.clone()));
        }
        resolved.env.insert(key.clone(), text);
    }
    if faults.is_empty() { Ok(resolved) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str, bool)]) -> Values {
        pairs.iter().map(|(k, v, s)| ((*k).to_owned(), (Secret::new(*v), *s))).collect()
    }

    #[test]
    fn references_are_resolved_once_and_secrets_are_known() {
        let project = values(&[("HOST", "db.example.org", false)]);
        let environment = values(&[("PASSWORD", "${{project.HOST}}x", true)]);
        let app = values(&[
            ("URL", "postgres://u:${{environment.PASSWORD}}@${{ project.HOST }}/x", false),
            ("PLAIN", "a $b ${c} {{d}}", false),
            ("OPEN", "${{project.HOST", false),
        ]);
        let resolved = resolve(&project, &environment, &app).unwrap();
        assert_eq!(resolved.env["URL"], "postgres://u:${{project.HOST}}x@db.example.org/x");
        assert_eq!(resolved.env["PLAIN"], "a $b ${c} {{d}}");
        assert_eq!(resolved.env["OPEN"], "${{project.HOST");
        assert!(resolved.secrets.iter().any(|s| s.expose() == resolved.env["URL"]));
    }

    #[test]
    fn unknown_references_are_all_told() {
        let app = values(&[("A", "${{project.NO}} ${{other.X}}", false), ("B", "${{app.A}}", false)]);
        let faults = resolve(&Values::new(), &Values::new(), &app).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].field, "variables.A");
    }
}
