//! Taking an invitation up.

use leptos::prelude::*;

use crate::{
    components::{Brand, Form, Password, Place, Submit},
    http::Cx,
    pages::Page,
};

/// The page for whoever was invited. The code is entered, never part of an address.
pub fn join(cx: &Cx<'_>) -> Page {
    let form = cx.form("join", "/actions/join");
    Page::new("Join a team", Place::Gate, move || {
        view! {
            <section class="card narrow">
                <Brand/>
                <h1>"Join a team"</h1>
                <p>"Somebody invited you to their team and sent you a code."</p>
                <Form state=form.clone()>
                    <Password
                        state=form.clone()
                        name="code"
                        label="Code"
                        autocomplete="one-time-code"
                        hint="It begins with skep_join_ and works once."
                    />
                    <Password
                        state=form
                        name="password"
                        label="Password"
                        autocomplete="new-password"
                        hint="A new one of at least 12 characters; if you have an account here, its password."
                    />
                    <Submit label="Join"/>
                </Form>
                <p class="hint">
                    <a href="/login">"Sign in instead"</a>
                </p>
            </section>
        }
    })
}
