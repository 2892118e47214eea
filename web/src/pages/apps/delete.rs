//! The end of an app, with its name typed by hand.

use leptos::prelude::*;

use crate::{
    api::{AppId, Result},
    components::{Form, Notice, Place, Text, Tick},
    http::Cx,
    pages::Page,
};

/// The page that asks before an app is deleted.
pub async fn delete(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let form = cx.form("delete", format!("/actions/apps/{id}/delete"));
    Ok(Page::new(format!("Delete {}", app.line.name), Place::Projects, move || {
        let name = app.line.name;
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=format!("/apps/{id}")>{name.clone()}</a>
            </nav>
            <section class="card narrow left">
                <h1>{format!("Delete {name}?")}</h1>
                <Notice tone="warn">
                    "It stops answering at once. Its deployments, releases, variables, domains and webhooks are deleted with it, and cannot be brought back."
                </Notice>
                <Form state=form.clone()>
                    <Text
                        state=form.clone()
                        name="name"
                        label=format!("Type its name: {name}")
                        mono=true
                        required=true
                    />
                    {app
                        .has_volumes
                        .then(|| {
                            view! {
                                <Tick
                                    state=form
                                    name="volumes"
                                    label="Also delete its volumes and all data in them"
                                    hint="Otherwise they stay on their nodes."
                                />
                            }
                        })}
                    <div class="row">
                        <button type="submit" class="button danger solid">
                            "Delete app"
                        </button>
                        <a class="button" href=format!("/apps/{id}/settings")>
                            "Cancel"
                        </a>
                    </div>
                </Form>
            </section>
        }
    }))
}
