//! All settings of an app, in one form: they are saved together, and count from the next
//! deployment on. The fields are named by their paths in the JSON API.
//!
//! To add one: its field in the part it belongs to, and its line in `actions/settings_form.rs`.

mod health;
mod mounts;
mod network;
mod process;
mod rollout;

use leptos::prelude::*;

use super::{build::BuildFields, source::SourceFields};
use crate::{
    api::{AppId, Result},
    components::{AppFrame, Form, Notice, Place, Section, Submit, Tab, Tick},
    http::Cx,
    pages::Page,
};

/// The page of an app's settings.
pub async fn settings(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let configuration = cx.api.configuration(&id).await?;
    let credentials = cx.api.credentials_for(&app.environment).await?;
    let changes = cx.may("configure");
    let form = cx.form("settings", format!("/actions/apps/{id}/settings"));
    Ok(Page::new(format!("Settings of {}", app.line.name), Place::Projects, move || {
        let set = configuration.settings;
        let delete = format!("/apps/{id}/delete");
        view! {
            <AppFrame app tab=Tab::Settings>
                {(!changes)
                    .then(|| {
                        view! {
                            <Notice tone="info">
                                "You may look at the settings. To change them you need the right "
                                <code>"configure"</code> "."
                            </Notice>
                        }
                    })}
                <Form state=form.clone() class="stack kinds">
                    <fieldset class="plain" disabled=!changes>
                        <Section title="Source" id="source" clone:form>
                            <SourceFields state=form.clone() source=configuration.source credentials/>
                            <Tick
                                state=form.clone()
                                name="auto_deploy"
                                label="Deploy every push"
                                checked=configuration.auto_deploy
                            />
                        </Section>
                        <div class="for-built">
                            <Section title="Build" id="build" clone:form>
                                <BuildFields state=form.clone() stored=configuration.build/>
                            </Section>
                        </div>
                        {process::fields(&form, &set)}
                        {health::fields(&form, set.health.as_ref())}
                        {rollout::fields(&form, &set)}
                        {mounts::fields(&form, &set.mounts)}
                        {network::fields(&form, &set)}
                    </fieldset>
                    {changes
                        .then(|| {
                            view! {
                                <div class="save">
                                    <Submit label="Save settings"/>
                                    <span class="quiet">"They count from the next deployment on."</span>
                                </div>
                            }
                        })}
                </Form>
                {changes
                    .then(|| {
                        view! {
                            <Section title="Delete app" about="With everything that is its own; its volumes only if you say so.">
                                <div class="row">
                                    <a class="button danger" href=delete>
                                        "Delete app…"
                                    </a>
                                </div>
                            </Section>
                        }
                    })}
            </AppFrame>
        }
    }))
}

/// An optional text as it is shown in a field.
fn shown(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// An optional number as it is shown in a field.
fn number<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
