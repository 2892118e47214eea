//! A new app.

use leptos::prelude::*;

use super::{build::BuildFields, source::SourceFields};
use crate::{
    api::{Build, EnvironmentId, Follow, Result, Source},
    components::{Form, Place, Section, Submit, Text, Tick},
    http::Cx,
    pages::Page,
};

/// The form for a new app in an environment.
pub async fn new(cx: &Cx<'_>, id: EnvironmentId) -> Result<Page> {
    let environment = cx.api.environment(&id).await?;
    let credentials = cx.api.credentials_for(&id).await?;
    let form = cx.form("app", format!("/actions/environments/{id}/apps"));
    Ok(Page::new("New app", Place::Projects, move || {
        let source = Source::Git {
            url: String::new(),
            follow: Follow::Branch { branch: "main".to_owned() },
            credential: None,
            watch: Vec::new(),
        };
        let build = Build::Nixpacks { folder: String::new() };
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=format!("/projects/{}", environment.project)>{environment.project_title}</a>
                <span aria-hidden="true">"/"</span>
                <a href=format!("/environments/{id}")>{environment.name}</a>
            </nav>
            <header class="page-head">
                <h1>"New app"</h1>
            </header>
            <Form state=form.clone() class="stack kinds">
                <Section title="Name" clone:form>
                    <Text
                        state=form.clone()
                        name="name"
                        label="Name"
                        placeholder="web"
                        mono=true
                        required=true
                        hint="Lower-case letters, digits and hyphens. Other apps of the environment reach it by this name."
                    />
                </Section>
                <Section title="Source" clone:form>
                    <SourceFields state=form.clone() source credentials/>
                </Section>
                <div class="for-built">
                    <Section title="Build" clone:form>
                        <BuildFields state=form.clone() stored=build/>
                    </Section>
                </div>
                <Section title="Network" clone:form>
                    <div class="columns">
                        <Text
                            state=form.clone()
                            name="settings.port"
                            label="Port it listens on"
                            kind="port"
                            placeholder="8080"
                            optional=true
                            hint="The app gets it as PORT too."
                        />
                        <Text
                            state=form.clone()
                            name="host"
                            label="Domain"
                            placeholder="shop.example.org"
                            mono=true
                            optional=true
                            hint="With HTTPS. More can be added later."
                        />
                    </div>
                </Section>
                <Section title="First deployment">
                    <Tick state=form.clone() name="deploy" label="Deploy right away" checked=true/>
                    <Tick
                        state=form.clone()
                        name="auto_deploy"
                        label="Deploy every push"
                        checked=true
                        hint="As soon as a webhook is set up; a poller looks every few minutes meanwhile."
                    />
                    <div class="row">
                        <Submit label="Create app"/>
                        <a class="button" href=format!("/environments/{id}")>
                            "Cancel"
                        </a>
                    </div>
                </Section>
            </Form>
        }
    }))
}
