//! An app's variables.

use leptos::prelude::*;

use crate::{
    api::{AppId, Result, Scope},
    components::{AppFrame, Place, Tab, VariableForms, Variables},
    http::Cx,
    pages::Page,
};

/// The page of an app's variables.
pub async fn variables(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let variables = cx.api.variables(&Scope::App(id.clone())).await?;
    let required = cx.api.required_variables(&id).await?;
    let now = cx.now();
    let action = format!("/actions/apps/{id}/variables");
    let forms = VariableForms {
        set: cx.form("set", action.clone()),
        import: cx.form("import", format!("{action}/import")),
        delete: cx.form("delete", format!("{action}/delete")),
        reveal: cx.may("reveal").then(|| format!("{action}/reveal")),
        restore: format!("{action}/restore"),
        deliver: Some(cx.form("deliver", format!("{action}/delivery"))),
    };
    Ok(Page::new(format!("Variables of {}", app.line.name), Place::Projects, move || {
        view! {
            <AppFrame app tab=Tab::Variables>
                <Variables
                    variables
                    forms
                    about="The app's container gets these. Changes count from the next deployment on."
                    required
                    now
                />
            </AppFrame>
        }
    }))
}
