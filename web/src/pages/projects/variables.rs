//! Variables that all environments of a project share.

use leptos::prelude::*;

use crate::{
    api::{ProjectId, Result, Scope},
    components::{Place, VariableForms, Variables},
    http::Cx,
    pages::Page,
};

/// The page of a project's shared variables.
pub async fn variables(cx: &Cx<'_>, id: ProjectId) -> Result<Page> {
    let project = cx.api.project(&id).await?;
    let variables = cx.api.variables(&Scope::Project(id.clone())).await?;
    let now = cx.now();
    let action = format!("/actions/projects/{id}/variables");
    let forms = VariableForms {
        set: cx.form("set", action.clone()),
        import: cx.form("import", format!("{action}/import")),
        delete: cx.form("delete", format!("{action}/delete")),
        reveal: cx.may("reveal").then(|| format!("{action}/reveal")),
        restore: format!("{action}/restore"),
        deliver: None,
    };
    Ok(Page::new(format!("Variables of {}", project.title), Place::Projects, move || {
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=format!("/projects/{id}")>{project.title}</a>
            </nav>
            <header class="page-head">
                <h1>"Shared variables"</h1>
            </header>
            <Variables
                variables
                forms
                about="An app sees one of these only if one of its own variables refers to it: ${{project.NAME}}."
                now
            />
        }
    }))
}
