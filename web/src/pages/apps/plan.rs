//! What a deployment would change, before anybody asks for it.

use leptos::prelude::*;

use crate::{
    api::{AppId, AppPlan, Result},
    components::{Form, Notice, Place, PlanList, Section, Submit, prose},
    http::Cx,
    pages::Page,
};

/// The plan of an app's next deployment, with the way to do it.
pub async fn plan(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let AppPlan { actions, notes } = cx.api.plan(&id).await?;
    let deploy = cx.form("deploy", format!("/actions/apps/{id}/deploy"));
    Ok(Page::new(format!("Plan of {}", app.line.name), Place::Projects, move || {
        let restarts = actions.iter().any(|action| action.restarts);
        let about = match (actions.len(), restarts) {
            (0, _) => "Nothing would change.",
            (_, true) => "Tasks would be replaced, one healthy before the next.",
            (_, false) => "No task would be replaced.",
        };
        let notes: Vec<_> = notes.into_iter().map(|note| view! { <p>{prose(&note)}</p> }).collect();
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=format!("/apps/{id}")>{app.line.name}</a>
            </nav>
            <header class="page-head">
                <h1>"What would a deployment change?"</h1>
            </header>
            {(!notes.is_empty()).then(|| view! { <Notice tone="info">{notes}</Notice> })}
            <Section title="Plan" about>
                <PlanList actions/>
                <p class="hint">"Nothing was done yet. Values of secrets are never shown."</p>
            </Section>
            <Form state=deploy class="row">
                <Submit label="Deploy now"/>
                <a class="button" href=format!("/apps/{id}")>
                    "Back"
                </a>
            </Form>
        }
    }))
}
