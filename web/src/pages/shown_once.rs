//! A new secret, shown this once and never again.

use leptos::prelude::*;

use super::Page;
use crate::{
    api::{Secret, WebhookView},
    components::{CopyLine, Notice, Place, Section},
};

/// A new API token.
pub fn token(name: String, value: &Secret) -> Page {
    new_token(name, value, Place::Account, "/account")
}

/// A new API token of a service account.
pub fn service_token(name: String, value: &Secret) -> Page {
    new_token(name, value, Place::Team, "/team")
}

fn new_token(name: String, value: &Secret, place: Place, back: &'static str) -> Page {
    let value = value.expose().to_owned();
    Page::new("New API token", place, move || {
        view! {
            <header class="page-head">
                <h1>"New API token"</h1>
            </header>
            <Section title=name about="Send it as Authorization: Bearer, or give it to skep login.">
                <Notice tone="warn">
                    "Copy it now. It is stored as a hash only, so nobody can show it again."
                </Notice>
                <CopyLine id="token" text=value what="API token"/>
                <p class="row">
                    <a class="button primary" href=back>
                        "I have copied it"
                    </a>
                </p>
            </Section>
        }
    })
}

/// The value of a variable.
pub fn value(key: String, value: &Secret, back: String) -> Page {
    let value = value.expose().to_owned();
    Page::new("Value", Place::Projects, move || {
        view! {
            <header class="page-head">
                <h1>"Value"</h1>
            </header>
            <Section title=key about="That you looked is in the audit log.">
                <CopyLine id="value" text=value what="value"/>
                <p class="row">
                    <a class="button primary" href=back>
                        "Back"
                    </a>
                </p>
            </Section>
        }
    })
}

/// The code of a new invitation.
pub fn invitation(email: String, code: &Secret) -> Page {
    let code = code.expose().to_owned();
    Page::new("Invitation", Place::Team, move || {
        view! {
            <header class="page-head">
                <h1>"Invitation"</h1>
            </header>
            <Section
                title=email
                about="Send them this code by a way that you trust. They enter it at the address of this page, under /join."
            >
                <Notice tone="warn">"Copy it now. It is stored as a hash only, works once, and for them alone."</Notice>
                <CopyLine id="code" text=code what="invitation code"/>
                <p class="row">
                    <a class="button primary" href="/team">
                        "I have copied it"
                    </a>
                </p>
            </Section>
        }
    })
}

/// A new webhook, or a new secret of one.
pub fn webhook(app: &str, hook: &WebhookView, secret: &Secret) -> Page {
    let back = format!("/apps/{app}/webhooks");
    let secret = secret.expose().to_owned();
    let url = hook.url.clone();
    let old = hook.old_secret_until.map(|until| until.long());
    Page::new("Webhook secret", Place::Projects, move || {
        view! {
            <header class="page-head">
                <h1>"Webhook secret"</h1>
            </header>
            <Section title="Enter these at the sender" about="Content type application/json, push events.">
                <Notice tone="warn">
                    "Copy the secret now. It is stored encrypted and not shown again; a new one can be made at any time."
                </Notice>
                <h3>"Address"</h3>
                <CopyLine id="url" text=url what="webhook address"/>
                <h3>"Secret"</h3>
                <CopyLine id="secret" text=secret what="webhook secret"/>
                {old.map(|until| view! { <p class="hint">{format!("The old secret counts until {until}.")}</p> })}
                <p class="row">
                    <a class="button primary" href=back>
                        "I have copied it"
                    </a>
                </p>
            </Section>
        }
    })
}
