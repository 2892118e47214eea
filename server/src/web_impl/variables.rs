//! Variables: names and references come out, values only go in.

use async_trait::async_trait;
use skep_web::api::{self, OlderVersion, Result, Scope, Secret, VariableView};

use super::{
    Web, dotenv,
    fields::{id, time},
};
use crate::{
    control::{self, Ctx, Error, variables::NewVariable},
    domain::{
        fault::{Fault, Wrong},
        name::EnvKey,
        secret,
        variable::{self, Variable},
    },
};

#[async_trait]
impl api::Variables for Web {
    async fn variables(&self, scope: &Scope) -> Result<Vec<VariableView>> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        let found = control::variables::list(&cx, scope).await.map_err(|e| self.told(e))?;
        let older = control::variables::versions(&cx, scope).await.map_err(|e| self.told(e))?;
        found.iter().map(|variable| view(&cx, variable, &older).map_err(|e| self.told(e))).collect()
    }

    async fn set_variable(&self, scope: &Scope, key: &str, value: Secret, secret: bool) -> Result<()> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        let key = EnvKey::parse(key.trim()).map_err(|wrong| self.told(Error::wrong("key", wrong)))?;
        let new = NewVariable { key, value: secret::Secret::new(value.expose()), secret };
        let set = control::variables::put_many(&cx, scope, &[new]).await;
        set.map_err(|e| self.told(one_form(e, &[])))
    }

    async fn import_variables(&self, scope: &Scope, text: Secret, secret: bool) -> Result<u32> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        import(&cx, scope, &text, secret).await.map_err(|e| self.told(e))
    }

    async fn reveal_variable(&self, scope: &Scope, key: &str) -> Result<Secret> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        let key = EnvKey::parse(key).map_err(|_| api::Error::NotFound)?;
        let value = control::variables::reveal(&cx, scope, &key).await.map_err(|e| self.told(e))?;
        Ok(Secret::new(value.expose()))
    }

    async fn restore_variable(&self, scope: &Scope, key: &str, version: u64) -> Result<()> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        let key = EnvKey::parse(key).map_err(|_| api::Error::NotFound)?;
        let version = i64::try_from(version).map_err(|_| api::Error::NotFound)?;
        control::variables::restore(&cx, scope, &key, version).await.map_err(|e| self.told(e))
    }

    async fn delete_variable(&self, scope: &Scope, key: &str) -> Result<()> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        let key = EnvKey::parse(key).map_err(|_| api::Error::NotFound)?;
        control::variables::remove(&cx, scope, &key).await.map_err(|e| self.told(e))
    }
}

fn to_scope(scope: &Scope) -> std::result::Result<variable::Scope, Error> {
    Ok(match scope {
        Scope::Project(project) => variable::Scope::Project(id(&project.0)?),
        Scope::Environment(environment) => variable::Scope::Environment(id(&environment.0)?),
        Scope::App(app) => variable::Scope::App(id(&app.0)?),
    })
}

fn view(cx: &Ctx, variable: &Variable, older: &[Variable]) -> std::result::Result<VariableView, Error> {
    let value = cx.parts.seal.open_text("variable", &variable.sealed)?;
    Ok(VariableView {
        key: variable.key.to_string(),
        secret: variable.secret,
        references: references(value.expose()),
        version: u64::try_from(variable.version).unwrap_or_default(),
        changed_by: variable.changed_by.as_ref().map(ToString::to_string),
        updated_at: time(variable.updated_at),
        older: older
            .iter()
            .filter(|old| old.key == variable.key)
            .map(|old| OlderVersion {
                version: u64::try_from(old.version).unwrap_or_default(),
                by: old.changed_by.as_ref().map(ToString::to_string),
                at: time(old.updated_at),
            })
            .collect(),
    })
}

/// The names in `${{…}}`, each once. Only what has the form of a name is told.
fn references(value: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in value.split("${{").skip(1) {
        let Some((name, _)) = part.split_once("}}") else { continue };
        let name = name.trim();
        let is_name = name.split_once('.').is_some_and(|(scope, key)| {
            matches!(scope, "project" | "environment" | "app") && EnvKey::parse(key).is_ok()
        });
        if is_name && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

async fn import(
    cx: &Ctx,
    scope: variable::Scope,
    text: &Secret,
    secret: bool,
) -> std::result::Result<u32, Error> {
    let at = |line: usize, why: &str| Wrong::new(format!("line {line} {why}")).at("text");
    let pairs = dotenv::parse(text.expose())
        .map_err(|unclear| Error::Invalid(vec![at(unclear.line, unclear.why)]))?;
    let mut faults: Vec<Fault> = Vec::new();
    let mut new = Vec::new();
    let mut lines = Vec::new();
    for (line, key, value) in pairs {
        match EnvKey::parse(&key) {
            Ok(key) => {
                new.push(NewVariable { key, value: secret::Secret::new(value), secret });
                lines.push(line);
            }
            Err(wrong) => faults.push(at(line, &format!("has a wrong name: it {}", wrong.message))),
        }
    }
    if new.is_empty() && faults.is_empty() {
        faults.push(Wrong::new("has no line of the form `KEY=value`").at("text"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    control::variables::put_many(cx, scope, &new).await.map_err(|e| one_form(e, &lines))?;
    Ok(u32::try_from(new.len()).unwrap_or(u32::MAX))
}

/// Faults of the list of variables as faults of the form: of its `value`, or of the `text` that
/// has the variables on these lines.
fn one_form(error: Error, lines: &[usize]) -> Error {
    let Error::Invalid(faults) = error else { return error };
    let mend = |fault: Fault| {
        let index = fault.field.strip_prefix("variables[").and_then(|rest| rest.split(']').next());
        let line = index.and_then(|index| index.parse::<usize>().ok()).and_then(|i| lines.get(i));
        match line {
            Some(line) => {
                Fault { field: "text".to_owned(), message: format!("line {line} {}", fault.message), ..fault }
            }
            None if !lines.is_empty() => Fault { field: "text".to_owned(), ..fault },
            None if index.is_some() => Fault { field: "value".to_owned(), ..fault },
            None => Fault { field: "key".to_owned(), ..fault },
        }
    };
    Error::Invalid(faults.into_iter().map(mend).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_names_and_nothing_else_of_the_value() {
        let value = "postgres://u:${{environment.PASSWORD}}@${{ project.HOST }}/x${{environment.PASSWORD}}";
        assert_eq!(references(value), ["environment.PASSWORD", "project.HOST"]);
        assert!(references("${{hunter2}} ${{app.hunter 2}} ${{project.A").is_empty());
    }

    #[test]
    fn faults_are_told_where_the_form_has_them() {
        let error = || {
            Error::Invalid(vec![
                Wrong::new("must not contain a NUL character").at("variables[1].value"),
                Wrong::coded("quota", "at most 500 variables").at("variables"),
            ])
        };
        let told = |lines: &[usize]| match one_form(error(), lines) {
            Error::Invalid(faults) => faults.into_iter().map(|f| (f.field, f.message)).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        assert_eq!(told(&[])[0].0, "value");
        assert_eq!(told(&[])[1].0, "key");
        assert_eq!(told(&[1, 7])[0], ("text".into(), "line 7 must not contain a NUL character".into()));
        assert_eq!(told(&[1, 7])[1].0, "text");
    }
}
