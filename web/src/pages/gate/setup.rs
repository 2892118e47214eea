//! The first admin of a new instance.

use leptos::prelude::*;

use crate::{
    components::{Brand, Form, Password, Place, Submit, Text},
    http::Cx,
    pages::Page,
};

/// The setup page: open while there is no admin, useless without the one-time token.
pub fn setup(cx: &Cx<'_>) -> Page {
    let form = cx.form("setup", "/actions/setup");
    Page::new("Set up", Place::Gate, move || {
        view! {
            <section class="card narrow">
                <Brand/>
                <h1>"Welcome to Skep"</h1>
                <p>"Make the first admin. It takes the one-time token that the installer printed."</p>
                <Form state=form.clone()>
                    <Password
                        state=form.clone()
                        name="token"
                        label="Setup token"
                        autocomplete="off"
                        hint="Printed at the end of the installation and in the log of the first start. Until it is used it is also in the file setup-token of the data folder."
                    />
                    <Text
                        state=form.clone()
                        name="email"
                        label="Your e-mail address"
                        kind="email"
                        autocomplete="username"
                        required=true
                    />
                    <Password
                        state=form
                        name="password"
                        label="A new password"
                        autocomplete="new-password"
                        hint="At least 12 characters. A few words are good."
                    />
                    <Submit label="Create admin"/>
                </Form>
            </section>
        }
    })
}
