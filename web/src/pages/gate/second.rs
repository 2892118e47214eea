//! The second step of signing in.

use leptos::prelude::*;

use crate::{
    components::{Brand, Form, Place, Submit, Text},
    http::{Cx, safe_path},
    pages::Page,
};

/// The page for the code, after the password was right.
pub fn second(cx: &Cx<'_>) -> Page {
    let form = cx.form("second", "/actions/login/second");
    let next = form.value("next", safe_path(cx.query.text("next")));
    Page::new("Enter a code", Place::Gate, move || {
        view! {
            <section class="card narrow">
                <Brand/>
                <h1>"Enter a code"</h1>
                <Form state=form.clone()>
                    <input type="hidden" name="next" value=next/>
                    <Text
                        state=form
                        name="code"
                        label="Code"
                        hint="Six digits that your app shows, or a recovery code."
                        autocomplete="one-time-code"
                        required=true
                        mono=true
                    />
                    <Submit label="Sign in"/>
                </Form>
                <p class="hint">
                    <a href="/login">"Begin anew"</a>
                </p>
            </section>
        }
    })
}
