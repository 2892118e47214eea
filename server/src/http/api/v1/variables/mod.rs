//! Variables of projects, environments and apps.

mod list_of_app;
mod list_of_environment;
mod list_of_project;
mod remove_of_app;
mod remove_of_environment;
mod remove_of_project;
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

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{
        Ctx,
        variables::{self, NewVariable},
    },
    domain::{
        clock::Time,
        name::EnvKey,
        secret::Secret,
        variable::{Scope, Variable},
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
            version: variable.version,
            changed_by: variable.changed_by.map(|email| email.to_string()),
            updated_at: variable.updated_at,
        }
    }
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
    Ok(Json(paging.page(all, |old| format!("{}:{}", old.key, old.version), VariableView::from)))
}

async fn set(cx: &Ctx, scope: Scope, body: SetVariables) -> Answer<Page<VariableView>> {
    let new =
        body.variables.into_iter().map(|v| NewVariable { key: v.key, value: v.value, secret: v.secret });
    let new: Vec<NewVariable> = new.collect();
    variables::put_many(cx, scope, &new).await?;
    let items = variables::list(cx, scope).await?.into_iter().map(VariableView::from).collect();
    Ok(Json(Page { items, next: None }))
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
}
