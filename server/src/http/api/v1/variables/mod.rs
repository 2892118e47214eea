//! Variables of projects, environments and apps.

mod deliver_of_app;
mod import_of_app;
mod import_of_environment;
mod import_of_project;
mod list_of_app;
mod list_of_environment;
mod list_of_project;
mod remove_of_app;
mod remove_of_environment;
mod remove_of_project;
mod required_of_app;
mod restore_of_app;
mod restore_of_environment;
mod restore_of_project;
mod reveal_of_app;
mod reveal_of_environment;
mod reveal_of_project;
mod set_of_app;
mod set_of_environment;
mod set_of_project;
mod versions_of_app;
mod versions_of_environment;
mod versions_of_project;

use std::collections::BTreeSet;

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{
        Ctx, Error,
        variables::{self, Import, NewVariable},
    },
    domain::{
        clock::Time,
        fault::Wrong,
        name::{EnvKey, SecretFileName, SecretFileOwner},
        secret::Secret,
        variable::{Scope, SecretFile, Variable},
    },
    http::{
        api::v1::Answer,
        query::{Page, Paging},
    },
};

/// A variable without its value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VariableView {
    /// Its name.
    key: String,
    /// Masked in logs.
    secret: bool,
    /// How containers get it; absent of older versions, which come as the variable does.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
    /// Counts its changes, from 1 on.
    version: i64,
    /// The address of who changed it last, if that is known.
    changed_by: Option<String>,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
}

impl From<Variable> for VariableView {
    fn from(variable: Variable) -> Self {
        Self {
            key: variable.key.to_string(),
            secret: variable.secret,
            delivery: Some(variable.file.into()),
            version: variable.version,
            changed_by: variable.changed_by.map(|email| email.to_string()),
            updated_at: variable.updated_at,
        }
    }
}

/// How containers get a variable. One body for both ways, so that a fault names its field: what has a tag
/// within is read as a whole.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = VariableDelivery)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Which way.
    kind: DeliveryKind,
    /// The file's name: the variable's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<SecretFileName>,
    /// The services that get the file, by their names in the Compose file; all if absent.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    services: BTreeSet<String>,
    /// `uid` or `uid:gid` of the file. If absent: the service's user, if that is a number, else root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<SecretFileOwner>,
}

/// A way by which containers get a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// In the environment.
    Environment,
    /// As a Swarm secret at `/run/secrets/NAME`, mode 0400; `KEY_FILE` names it in the environment.
    File,
}

impl Delivery {
    /// The file of the variable `key`; none for the environment.
    ///
    /// # Errors
    /// A fault at `name`: the key is too long for one; at what only a file has.
    fn file(self, key: &EnvKey) -> Result<Option<SecretFile>, Error> {
        let Self { kind, name, services, owner } = self;
        if kind == DeliveryKind::File {
            let name = name.map_or_else(|| SecretFileName::of(key), Ok);
            let name = name.map_err(|wrong| Error::wrong("name", wrong))?;
            return Ok(Some(SecretFile { name, services, owner }));
        }
        let given =
            [("name", name.is_some()), ("services", !services.is_empty()), ("owner", owner.is_some())];
        match given.into_iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(Error::wrong(field, Wrong::new("must be absent: only a file has one"))),
            None => Ok(None),
        }
    }
}

impl From<Option<SecretFile>> for Delivery {
    fn from(file: Option<SecretFile>) -> Self {
        match file {
            None => {
                Self { kind: DeliveryKind::Environment, name: None, services: BTreeSet::new(), owner: None }
            }
            Some(SecretFile { name, services, owner }) => {
                Self { kind: DeliveryKind::File, name: Some(name), services, owner }
            }
        }
    }
}

/// The text of a `.env` file.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportVariables {
    /// Lines of `KEY=value`; quotes, `export` and comments as Compose reads them, nothing put in for `$`.
    #[schema(value_type = String)]
    text: Secret,
    /// All of them are masked in logs: true if absent.
    #[serde(default = "yes")]
    secret: bool,
    /// Take away variables that the text does not have.
    #[serde(default)]
    replace: bool,
    /// Write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Of an earlier answer: refuse if variables were changed since.
    #[serde(default)]
    state: Option<String>,
}

/// What an import does, by names.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ImportedVariables)]
pub struct Imported {
    /// New ones.
    added: Vec<EnvKey>,
    /// With another value, or other in being secret.
    changed: Vec<EnvKey>,
    /// As they are.
    unchanged: Vec<EnvKey>,
    /// Taken away.
    removed: Vec<EnvKey>,
    /// Stands for the variables as they were before.
    state: String,
}

/// A variable that an app requires.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RequiredVariable {
    /// Its name.
    key: String,
    /// `set`, `empty` or `missing`.
    state: &'static str,
}

/// A variable's value.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Revealed {
    /// As it was given.
    value: String,
}

/// Which version.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RestoreVariable)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Its number.
    version: i64,
}

/// Variables to be set.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetVariables {
    variables: Vec<SetVariable>,
}

/// A variable to be set.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetVariable {
    /// Its name.
    key: EnvKey,
    /// Its value, kept byte for byte. May refer to shared ones: `${{environment.DATABASE_URL}}`.
    #[schema(value_type = String)]
    value: Secret,
    /// Masked in logs: true if absent.
    #[serde(default = "yes")]
    secret: bool,
}

const fn yes() -> bool {
    true
}

async fn list(cx: &Ctx, scope: Scope, paging: &Paging) -> Answer<Page<VariableView>> {
    let all = variables::list(cx, scope).await?;
    Ok(Json(paging.page(all, |variable| variable.key.to_string(), VariableView::from)))
}

async fn versions(cx: &Ctx, scope: Scope, paging: &Paging) -> Answer<Page<VariableView>> {
    let all = variables::versions(cx, scope).await?;
    let view = |old| VariableView { delivery: None, ..VariableView::from(old) };
    Ok(Json(paging.page(all, |old| format!("{}:{}", old.key, old.version), view)))
}

async fn set(cx: &Ctx, scope: Scope, body: SetVariables) -> Answer<Page<VariableView>> {
    let new =
        body.variables.into_iter().map(|v| NewVariable { key: v.key, value: v.value, secret: v.secret });
    let new: Vec<NewVariable> = new.collect();
    variables::put_many(cx, scope, &new).await?;
    let items = variables::list(cx, scope).await?.into_iter().map(VariableView::from).collect();
    Ok(Json(Page { items, next: None }))
}

async fn import(cx: &Ctx, scope: Scope, body: ImportVariables) -> Answer<Imported> {
    let import = Import { text: body.text, secret: body.secret, replace: body.replace };
    let outcome = if body.dry_run {
        variables::preview(cx, scope, &import).await?
    } else {
        variables::import(cx, scope, &import, body.state.as_deref()).await?
    };
    let variables::Outcome { added, changed, unchanged, removed, state } = outcome;
    Ok(Json(Imported { added, changed, unchanged, removed, state }))
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list_of_app::handler))
        .routes(routes!(set_of_app::handler))
        .routes(routes!(remove_of_app::handler))
        .routes(routes!(reveal_of_app::handler))
        .routes(routes!(restore_of_app::handler))
        .routes(routes!(versions_of_app::handler))
        .routes(routes!(list_of_environment::handler))
        .routes(routes!(set_of_environment::handler))
        .routes(routes!(remove_of_environment::handler))
        .routes(routes!(reveal_of_environment::handler))
        .routes(routes!(restore_of_environment::handler))
        .routes(routes!(versions_of_environment::handler))
        .routes(routes!(list_of_project::handler))
        .routes(routes!(set_of_project::handler))
        .routes(routes!(remove_of_project::handler))
        .routes(routes!(reveal_of_project::handler))
        .routes(routes!(restore_of_project::handler))
        .routes(routes!(versions_of_project::handler))
        .routes(routes!(import_of_app::handler))
        .routes(routes!(import_of_environment::handler))
        .routes(routes!(import_of_project::handler))
        .routes(routes!(deliver_of_app::handler))
        .routes(routes!(required_of_app::handler))
}
