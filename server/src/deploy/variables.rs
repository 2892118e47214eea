//! An app's variables, opened and with their references resolved.
//!
//! `${{project.KEY}}`, `${{environment.KEY}}` and `${{app.KEY}}` stand for other variables,
//! `${{store.NAME:path#key}}` for what a secret store holds; one that leads nowhere stops the deployment
//! before anything is touched, and all of them are told at once. A value is put in as it is: it is never
//! read again for references, nor as anything else. So only an app's own variables refer to stores.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    parts::Parts,
    run::{Run, Stop},
    stored::{self, Stored},
};
use crate::{
    db,
    domain::{
        app::App,
        fault::{Fault, Wrong},
        project::Environment,
        secret::Secret,
        step::Step,
        store::Reference,
        variable::{Piece, Scope, SecretFile, pieces},
    },
};

/// Variables as the container gets them, and the values to mask.
#[derive(Debug, Default)]
pub struct Resolved {
    /// By key.
    pub env: BTreeMap<String, String>,
    /// Values of secret variables, also those that came in by reference, and all of stores.
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

/// What an app's variables are made of.
struct Opened {
    environment: Environment,
    project: Values,
    shared: Values,
    app: Values,
    /// How the app's own are delivered that containers get as files.
    files: BTreeMap<String, SecretFile>,
}

impl Opened {
    async fn load(parts: &Parts, app: &App) -> Result<Self, Stop> {
        let mut tx = parts.db.read().await?;
        let environment =
            db::project::environment(&mut tx, app.team, app.environment).await?.ok_or_else(|| {
                Stop::failed(Step::Plan, "environment_missing", "the app's environment is gone")
            })?;
        let mut scopes = Vec::new();
        let mut files = BTreeMap::new();
        for scope in
            [Scope::Project(environment.project), Scope::Environment(environment.id), Scope::App(app.id)]
        {
            let mut values = Values::new();
            for variable in db::variable::list(&mut tx, scope).await? {
                let value = parts.seal.open_text("variable", &variable.sealed).map_err(|e| {
                    Stop::failed(Step::Plan, "sealed", format!("variable {}: {e}", variable.key))
                })?;
                if let Some(file) = variable.file {
                    files.insert(variable.key.to_string(), file);
                }
                values.insert(variable.key.to_string(), (value, variable.secret));
            }
            scopes.push(values);
        }
        let [project, shared, app] = scopes.try_into().unwrap_or_default();
        Ok(Self { environment, project, shared, app, files })
    }

    /// The values of stores that are referred to.
    fn wanted(&self) -> BTreeSet<Reference> {
        self.app.values().flat_map(|(value, _)| references(value.expose())).filter_map(Result::ok).collect()
    }

    fn resolve(&self, stored: &Stored) -> (Resolved, Vec<Fault>) {
        resolve(&self.project, &self.shared, &self.app, stored)
    }

    fn whole(self, stored: &Stored) -> Result<Resolved, Stop> {
        let (resolved, faults) = self.resolve(stored);
        let Some(first) = faults.first() else { return Ok(Resolved { files: self.files, ..resolved }) };
        let all: Vec<String> = faults.iter().map(|f| format!("{}: {}", f.field, f.message)).collect();
        Err(Stop::failed(Step::Plan, &first.code, all.join("; ")))
    }
}

/// Loads and resolves the variables of a deployment's app; what stores hold is read once for it.
///
/// # Errors
/// Every reference that leads nowhere; the database.
pub async fn load(run: &Run) -> Result<Resolved, Stop> {
    let opened = Opened::load(&run.parts, &run.app).await?;
    let stored = stored::of_deployment(run, &opened.environment, opened.wanted()).await?;
    opened.whole(&stored)
}

/// The same for a plan beforehand: nothing is kept.
///
/// # Errors
/// As [`load`].
pub async fn look(parts: &Parts, app: &App) -> Result<Resolved, Stop> {
    let opened = Opened::load(parts, app).await?;
    let stored = stored::read(parts, app, &opened.environment, opened.wanted()).await?;
    opened.whole(&stored)
}

/// What is known of an app's secrets without asking any store.
pub(super) struct Known {
    /// The secret values that its variables can have to do with, by key, whether they resolve or not.
    pub(super) own: Vec<(String, Secret)>,
    /// What they resolve to, and what stores gave to releases that can still run.
    pub(super) resolved: Vec<Secret>,
}

/// What must not appear in a log of the app.
///
/// # Errors
/// The database; a value that cannot be opened.
pub(super) async fn known(parts: &Parts, app: &App) -> Result<Known, Stop> {
    let (newest, mut resolved) = stored::known(parts, app).await;
    let opened = Opened::load(parts, app).await?;
    resolved.extend(opened.resolve(&newest).0.secrets);
    let all = [opened.project, opened.shared, opened.app].into_iter().flatten();
    let own = all.filter(|(_, (_, secret))| *secret).map(|(key, (value, _))| (key, value)).collect();
    Ok(Known { own, resolved })
}

/// The references to stores in a value of an app.
pub fn references(value: &str) -> impl Iterator<Item = Result<Reference, Wrong>> {
    pieces(value).filter_map(|piece| match piece {
        Piece::Reference(name) => Reference::find(name),
        Piece::Text(_) => None,
    })
}

/// Puts the values of references into an app's variables. Beside them: every reference that leads
/// nowhere; it is left out of its variable.
#[must_use]
pub fn resolve(
    project: &Values,
    environment: &Values,
    app: &Values,
    stored: &Stored,
) -> (Resolved, Vec<Fault>) {
    let unknown = |name: &str| {
        let rule = format!(
            "there is no variable {name:?}; write `project.KEY`, `environment.KEY` or `app.KEY`, or `store.NAME:path#key`"
        );
        Wrong::coded("unknown_reference", rule)
    };
    let find = |name: &str| -> Result<(Secret, bool), Wrong> {
        if let Some(reference) = Reference::find(name) {
            let told =
                |wrong: Wrong| Wrong::coded(wrong.code, format!("`{}`: {}", shown(name), wrong.message));
            let value = reference.and_then(|reference| match stored.get(&reference) {
                Some(value) => value.clone(),
                None => Err(Wrong::coded("store_unreachable", "it was not read")),
            });
            return value.map(|value| (value, true)).map_err(told);
        }
        let found = name.split_once('.').and_then(|(scope, key)| match scope {
            "project" => project.get(key),
            "environment" => environment.get(key),
            "app" => app.get(key),
            _ => None,
        });
        found.cloned().ok_or_else(|| unknown(name))
    };
    let mut resolved = Resolved::default();
    let mut faults = Vec::new();
    for (key, (value, secret)) in app {
        let mut text = String::new();
        let mut holds_secret = *secret;
        for piece in pieces(value.expose()) {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Reference(name) => match find(name) {
                    Ok((value, secret)) => {
                        text.push_str(value.expose());
                        holds_secret |= secret;
                        if secret {
                            resolved.secrets.push(value);
                        }
                    }
                    Err(wrong) => faults.push(wrong.at(format!("variables.{key}"))),
                },
            }
        }
        if holds_secret {
            resolved.secrets.push(Secret::new(text.clone()));
        }
        resolved.env.insert(key.clone(), text);
    }
    (resolved, faults)
}

/// A reference as it is told: short, without what moves or hides the text around it.
fn shown(name: &str) -> String {
    name.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect()
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
        let (resolved, faults) = resolve(&project, &environment, &app, &Stored::new());
        assert!(faults.is_empty());
        assert_eq!(resolved.env["URL"], "postgres://u:${{project.HOST}}x@db.example.org/x");
        assert_eq!(resolved.env["PLAIN"], "a $b ${c} {{d}}");
        assert_eq!(resolved.env["OPEN"], "${{project.HOST");
        assert!(resolved.secrets.iter().any(|s| s.expose() == resolved.env["URL"]));
    }

    #[test]
    fn unknown_references_are_all_told() {
        let app = values(&[("A", "${{project.NO}} ${{other.X}}", false), ("B", "${{app.A}}", false)]);
        let (_, faults) = resolve(&Values::new(), &Values::new(), &app, &Stored::new());
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].field, "variables.A");
    }

    #[test]
    fn what_a_store_holds_is_secret_and_read_once() {
        let of = |text: &str| Reference::find(text).unwrap().unwrap();
        let stored = Stored::from([
            (of("store.vault:shop#URL"), Ok(Secret::new("${{project.HOST}}"))),
            (of("store.vault:shop#GONE"), Err(Wrong::coded("secret_missing", "it has none"))),
        ]);
        let app = values(&[
            ("URL", "pg://${{ store.vault:shop#URL }}/x", false),
            ("GONE", "${{store.vault:shop#GONE}}", false),
            ("ODD", "${{store.vault:../x#k}}", false),
            ("NEW", "${{store.vault:new#k}}", false),
        ]);
        let project = values(&[("HOST", "${{store.vault:shop#GONE}}", false)]);
        let (resolved, faults) = resolve(&project, &Values::new(), &app, &stored);
        assert_eq!(resolved.env["URL"], "pg://${{project.HOST}}/x");
        let masked: Vec<&str> = resolved.secrets.iter().map(Secret::expose).collect();
        assert!(masked.contains(&"${{project.HOST}}") && masked.contains(&"pg://${{project.HOST}}/x"));
        let told: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code.as_str())).collect();
        let wanted = [
            ("variables.GONE", "secret_missing"),
            ("variables.NEW", "store_unreachable"),
            ("variables.ODD", "invalid_path"),
        ];
        assert_eq!(told, wanted);
        assert_eq!(faults[0].message, "`store.vault:shop#GONE`: it has none");
        let shared = values(&[("A", "${{project.HOST}}", false)]);
        let (resolved, faults) = resolve(&project, &Values::new(), &shared, &Stored::new());
        assert_eq!(resolved.env["A"], "${{store.vault:shop#GONE}}", "a value is never read again");
        assert!(faults.is_empty());
    }
}
