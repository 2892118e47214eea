//! A new project.

use leptos::prelude::*;

use crate::{
    components::{Form, Place, Submit, Text},
    http::Cx,
    pages::Page,
};

/// The form for a new project with its first environment.
pub fn new(cx: &Cx<'_>) -> Page {
    let form = cx.form("project", "/actions/projects");
    Page::new("New project", Place::Projects, move || {
        view! {
            <header class="page-head">
                <h1>"New project"</h1>
            </header>
            <section class="card narrow left">
                <Form state=form.clone()>
                    <Text
                        state=form.clone()
                        name="title"
                        label="Title"
                        placeholder="Web shop"
                        required=true
                    />
                    <Text
                        state=form.clone()
                        name="name"
                        label="Name"
                        placeholder="shop"
                        mono=true
                        required=true
                        hint="Lower-case letters, digits and hyphens; part of generated host names. It cannot be changed later."
                    />
                    <Text
                        state=form.clone()
                        name="environment"
                        label="First environment"
                        value="production"
                        mono=true
                        required=true
                        hint="More can be added at any time."
                    />
                    <div class="row">
                        <Submit label="Create project"/>
                        <a class="button" href="/">
                            "Cancel"
                        </a>
                    </div>
                </Form>
            </section>
        }
    })
}
