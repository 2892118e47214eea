//! The second step of signing in.

use leptos::prelude::*;

use crate::{
    components::{Brand, Form, Passkey, Place, Submit, Text},
    http::{Cx, safe_path},
    pages::Page,
};

/// The page for the code, after the password was right.
pub fn second(cx: &Cx<'_>) -> Page {
    let form = cx.form("second", "/actions/login/second");
    let next = form.value("next", safe_path(cx.query.text("next")));
    let to = safe_path(&next).to_owned();
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
                <div class="row">
                    <Passkey
                        label="Use a passkey"
                        begin="/login/passkey/begin"
                        asked=vec![("second_step".to_owned(), String::new())]
                        finish="/login/passkey"
                        to
                    />
                </div>
                <p class="hint">
                    <a href="/login">"Begin anew"</a>
                </p>
            </section>
        }
    })
}
