//! Variables that all apps of an environment share.

use leptos::prelude::*;

use crate::{
    api::{EnvironmentId, Result, Scope},
    components::{Place, VariableForms, Variables},
    http::Cx,
    pages::Page,
};

/// The page of an environment's shared variables.
pub async fn variables(cx: &Cx<'_>, id: EnvironmentId) -> Result<Page> {
    let environment = cx.api.environment(&id).await?;
    let variables = cx.api.variables(&Scope::Environment(id.clone())).await?;
    let now = cx.now();
    let action = format!("/actions/environments/{id}/variables");
    let forms = VariableForms {
        set: cx.form("set", action.clone()),
        import: cx.form("import", format!("{action}/import")),
        delete: cx.form("delete", format!("{action}/delete")),
        reveal: cx.may("reveal").then(|| format!("{action}/reveal")),
        restore: format!("{action}/restore"),
        deliver: None,
    };
    Ok(Page::new(format!("Variables of {}", environment.name), Place::Projects, move || {
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=format!("/projects/{}", environment.project)>{environment.project_title}</a>
                <span aria-hidden="true">"/"</span>
                <a href=format!("/environments/{id}")>{environment.name}</a>
            </nav>
            <header class="page-head">
                <h1>"Shared variables"</h1>
            </header>
            <Variables
                variables
                forms
                about="An app sees one of these only if one of its own variables refers to it: ${{environment.NAME}}."
                now
            />
        }
    }))
}
