//! Variables: names and references come out, values only go in.

use async_trait::async_trait;
use skep_web::api::{
    self, AppId, ImportPreview, OlderVersion, RequiredVariable, Result, Scope, Secret, VariableView,
};

use super::{
    Web,
    fields::{Fields, id, time},
};
use crate::{
    control::{
        self, Ctx, Error,
        variables::{Draft, Import, NewVariable, Outcome, Standing},
    },
    domain::{
        fault::{Fault, Wrong},
        name::{EnvKey, SecretFileName, SecretFileOwner},
        secret,
        variable::{self, SecretFile, Variable},
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
        set.map_err(|e| self.told(one_form(e)))
    }

    async fn preview_import(
        &self,
        scope: &Scope,
        text: Secret,
        secret: bool,
        replace: bool,
    ) -> Result<ImportPreview> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        let import = Import { text: secret::Secret::new(text.expose()), secret, replace };
        let outcome = control::variables::preview(&cx, scope, &import).await.map_err(|e| self.told(e))?;
        let draft = Draft::seal(&cx, scope, &import, &outcome).map_err(|e| self.told(e))?;
        let names = |keys: Vec<EnvKey>| keys.iter().map(ToString::to_string).collect();
        let Outcome { added, changed, unchanged, removed, .. } = outcome;
        Ok(ImportPreview {
            added: names(added),
            changed: names(changed),
            unchanged: names(unchanged),
            removed: names(removed),
            draft,
        })
    }

    async fn import_variables(&self, scope: &Scope, draft: &str) -> Result<()> {
        let cx = self.cx()?;
        let scope = to_scope(scope).map_err(|e| self.told(e))?;
        control::variables::confirm(&cx, scope, draft).await.map(drop).map_err(|e| self.told(e))
    }

    async fn required_variables(&self, app: &AppId) -> Result<Vec<RequiredVariable>> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let all = control::variables::required(&cx, app).await.map_err(|e| self.told(e))?;
        let one = |(key, standing)| RequiredVariable { key, missing: standing != Standing::Set };
        Ok(all.into_iter().map(one).collect())
    }

    async fn deliver_variable(&self, app: &AppId, key: &str, file: Option<api::SecretFile>) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let mut fields = Fields::default();
        let key = fields.take("key", EnvKey::parse(key.trim()));
        let file = match file {
            None => Some(None),
            Some(file) => to_file(&mut fields, key.as_ref(), file).map(Some),
        };
        let (key, file) = fields.all(key.zip(file)).map_err(|e| self.told(e))?;
        let done = control::variables::deliver(&cx, app, &key, file).await;
        done.map_err(|error| match error {
            // The app is there, or the page would not be: the variable is what was typed.
            Error::NotFound("variable") => self.told(Error::wrong(
                "key",
                Wrong::new("must be a variable of this app; there is none of that name"),
            )),
            error => self.told(error),
        })
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
        file: variable.file.as_ref().map(|file| api::SecretFile {
            name: file.name.to_string(),
            services: file.services.iter().cloned().collect(),
            owner: file.owner.as_ref().map(ToString::to_string),
        }),
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

fn to_file(fields: &mut Fields, key: Option<&EnvKey>, file: api::SecretFile) -> Option<SecretFile> {
    let name = match (file.name.as_str(), key) {
        ("", Some(key)) => fields.take("name", SecretFileName::of(key)),
        ("", None) => None,
        (name, _) => fields.take("name", SecretFileName::parse(name)),
    };
    let owner = match file.owner {
        None => Some(None),
        Some(owner) => fields.take("owner", SecretFileOwner::parse(&owner)).map(Some),
    };
    Some(SecretFile { name: name?, services: file.services.into_iter().collect(), owner: owner? })
}

/// Faults of the list of variables as faults of the form.
fn one_form(error: Error) -> Error {
    let Error::Invalid(faults) = error else { return error };
    let mend = |fault: Fault| {
        let field = if fault.field.ends_with(".value") { "value" } else { "key" };
        Fault { field: field.to_owned(), ..fault }
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
        let error = Error::Invalid(vec![
            Wrong::new("must not contain a NUL character").at("variables[0].value"),
            Wrong::coded("quota", "at most 500 variables").at("variables"),
        ]);
        let Error::Invalid(faults) = one_form(error) else { panic!("still faults") };
        assert_eq!(faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["value", "key"]);
    }
}
