//! One environment: its apps, its protection, and its end.

use leptos::prelude::*;

use super::{
    keys::keys,
    protection::{protection, reset},
};
use crate::{
    api::{EnvironmentId, Result},
    components::{AppList, Empty, Form, Icon, Place, Section},
    http::Cx,
    islands::ConfirmButton,
    pages::Page,
};

/// The page of an environment.
pub async fn environment(cx: &Cx<'_>, id: EnvironmentId) -> Result<Page> {
    let environment = cx.api.environment(&id).await?;
    let rules = cx.api.protection(&id).await?;
    let now = cx.now();
    // Who may not is shown no button for it; a form that is sent all the same is refused.
    let (configures, governs) = (cx.may("configure"), cx.may("environments"));
    let here = format!("environment:{id}");
    let manages =
        cx.may("credentials") && cx.api.credential_places().await?.iter().any(|(place, _)| *place == here);
    let (mut own, mut hosts) = (Vec::new(), Vec::new());
    if manages {
        own = cx.api.credentials().await?;
        own.retain(|credential| credential.place == here);
        hosts = cx.api.host_keys().await?;
    }
    let make = cx.form("key", format!("/actions/environments/{id}/keys"));
    let discard = cx.form("delete-credential", "/actions/credentials/delete");
    let open = !rules.protected && governs;
    let protect = cx.form("protect", format!("/actions/environments/{id}/protection"));
    let clear = cx.form("reset", format!("/actions/environments/{id}/reset"));
    let delete = cx.form("delete", format!("/actions/environments/{id}/delete"));
    let title = format!("{} · {}", environment.name, environment.project_title);
    Ok(Page::new(title, Place::Projects, move || {
        let apps = environment.apps;
        let none = apps.is_empty();
        let new = format!("/environments/{id}/apps/new");
        let first = new.clone();
        let list = if none {
            view! {
                <Empty
                    title="No apps here yet"
                    text="An app comes from a git repository, an image, a Compose file or an uploaded archive."
                >
                    {configures
                        .then(|| {
                            view! {
                                <a class="button primary" href=first>
                                    "Create the first app"
                                </a>
                            }
                        })}
                </Empty>
            }
            .into_any()
        } else {
            view! { <AppList apps now/> }.into_any()
        };
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=format!("/projects/{}", environment.project)>{environment.project_title}</a>
            </nav>
            <header class="page-head">
                <h1>{environment.name.clone()}</h1>
                <span class="end row">
                    <a class="button" href=format!("/environments/{id}/variables")>
                        "Shared variables"
                    </a>
                    {configures
                        .then(|| {
                            view! {
                                <a class="button primary" href=new>
                                    <Icon name="plus"/>
                                    "New app"
                                </a>
                            }
                        })}
                </span>
            </header>
            <section class="card">
                <header class="card-head">
                    <h2>"Apps"</h2>
                </header>
                {list}
            </section>
            {manages.then(|| keys(own, &hosts, make, &discard, now))}
            {(governs || rules.protected).then(|| protection(rules, protect))}
            {(!none && open).then(|| reset(&environment.name, clear))}
            {(none && open)
                .then(|| {
                    view! {
                        <Section title="Delete environment">
                            <Form state=delete class="row">
                                <ConfirmButton
                                    label="Delete environment".into()
                                    sure="Really delete it?".into()
                                    class="button danger".into()
                                    name=format!("Delete environment {}", environment.name)
                                />
                            </Form>
                        </Section>
                    }
                })}
        }
    }))
}
