//! Signing in.

use leptos::prelude::*;

use crate::{
    api::Result,
    components::{Brand, Form, Passkey, Password, Place, Submit, Text},
    http::{Cx, safe_path},
    pages::Page,
};

/// The login page. The form's method is post, so that nothing of it is ever in an address.
pub async fn login(cx: &Cx<'_>) -> Result<Page> {
    // Who has a password signs in with it, whatever is wrong with the rest.
    let offers = cx.api.offers(None).await.map(|(_, offers)| offers).unwrap_or_default();
    let form = cx.form("login", "/actions/login");
    let next = form.value("next", safe_path(cx.query.text("next")));
    let after = next.clone();
    let to = safe_path(&next).to_owned();
    Ok(Page::new("Sign in", Place::Gate, move || {
        view! {
            <section class="card narrow">
                <Brand/>
                <h1>"Sign in"</h1>
                <Form state=form.clone()>
                    <input type="hidden" name="next" value=next/>
                    <Text
                        state=form.clone()
                        name="email"
                        label="E-mail address"
                        kind="email"
                        autocomplete="username"
                        required=true
                    />
                    <Password
                        state=form
                        name="password"
                        label="Password"
                        autocomplete="current-password"
                    />
                    <Submit label="Sign in"/>
                </Form>
                <div class="row">
                    <Passkey
                        label="Sign in with a passkey"
                        begin="/login/passkey/begin"
                        finish="/login/passkey"
                        to
                    />
                </div>
                {(!offers.is_empty()).then(|| super::sso::buttons(offers, &after))}
                <p class="hint">
                    <a href="/join">"I was invited and have a code"</a>
                </p>
            </section>
        }
    }))
}
