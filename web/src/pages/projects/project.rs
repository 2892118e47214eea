//! One project: its environments, and its end.

use leptos::prelude::*;

use crate::{
    api::{ProjectId, Result},
    components::{AppList, Empty, Form, Icon, Place, Section, Submit, Text},
    http::Cx,
    islands::ConfirmButton,
    pages::Page,
};

/// The page of a project.
pub async fn project(cx: &Cx<'_>, id: ProjectId) -> Result<Page> {
    let project = cx.api.project(&id).await?;
    let now = cx.now();
    let add = cx.form("environment", format!("/actions/projects/{id}/environments"));
    let delete = cx.form("delete", format!("/actions/projects/{id}/delete"));
    Ok(Page::new(project.title.clone(), Place::Projects, move || {
        let holds_apps = project.environments.iter().any(|e| !e.apps.is_empty());
        let environments: Vec<_> = project
            .environments
            .into_iter()
            .map(|environment| {
                let id = environment.id;
                let apps = environment.apps;
                let new = format!("/environments/{id}/apps/new");
                let first = new.clone();
                let list = if apps.is_empty() {
                    view! {
                        <Empty title="No apps here yet" text="Add one from git, an image or a Compose file.">
                            <a class="button primary" href=first>
                                "New app"
                            </a>
                        </Empty>
                    }
                    .into_any()
                } else {
                    view! { <AppList apps now/> }.into_any()
                };
                view! {
                    <section class="card">
                        <header class="card-head row">
                            <h2>
                                <a href=format!("/environments/{id}")>{environment.name}</a>
                            </h2>
                            <span class="end row">
                                <a class="button small" href=format!("/environments/{id}/variables")>
                                    "Variables"
                                </a>
                                <a class="button small" href=new>
                                    <Icon name="plus"/>
                                    "App"
                                </a>
                            </span>
                        </header>
                        {list}
                    </section>
                }
            })
            .collect();
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href="/">"Projects"</a>
            </nav>
            <header class="page-head">
                <h1>{project.title}</h1>
                <code class="quiet">{project.name.clone()}</code>
                <a class="button end" href=format!("/projects/{id}/variables")>
                    "Shared variables"
                </a>
            </header>
            {environments}
            <Section
                title="New environment"
                about="It gets its own network, variables and apps, apart from the others."
            >
                <Form state=add.clone()>
                    <Text
                        state=add
                        name="name"
                        label="Name"
                        placeholder="staging"
                        mono=true
                        required=true
                    />
                    <div class="row">
                        <Submit label="Add environment" quiet=true/>
                    </div>
                </Form>
            </Section>
            <Section title="Delete project">
                {if holds_apps {
                    view! { <p class="quiet">"Only a project without apps can be deleted. Delete its apps first."</p> }
                        .into_any()
                } else {
                    view! {
                        <Form state=delete class="row">
                            <ConfirmButton
                                label="Delete project".into()
                                sure="Really delete it?".into()
                                class="button danger".into()
                                name=format!("Delete project {}", project.name)
                            />
                        </Form>
                    }
                        .into_any()
                }}
            </Section>
        }
    }))
}
