//! What is an environment's own to sign in with: its keys, tokens and registry logins.

use leptos::prelude::*;

use crate::{
    api::{CredentialView, HostKeyView, Time},
    components::{Empty, Form, Section, Submit, Text},
    http::FormState,
    pages::cluster::{credential_row, trusts},
};

/// The list, and the form for a new key; shown to who manages them here.
pub(super) fn keys(
    list: Vec<CredentialView>,
    hosts: &[HostKeyView],
    make: FormState,
    delete: &FormState,
    now: Time,
) -> impl IntoView + use<> {
    let none = list.is_empty();
    let rows: Vec<_> = list
        .into_iter()
        .map(|item| {
            let trusted = trusts(hosts, &item);
            credential_row(item, delete, trusted, now)
        })
        .collect();
    view! {
        <Section
            title="Credentials"
            id="credentials"
            about="Of this environment alone: apps of other environments cannot use them. Of several that fit a host, the nearest is used."
        >
            {none
                .then(|| {
                    view! {
                        <Empty
                            title="None of its own"
                            text="Its apps use those of the project and of the team. Make it a key, or add one under Credentials."
                        />
                    }
                })}
            {(!none).then(|| view! { <ul class="list">{rows}</ul> })}
            <Form state=make.clone()>
                <div class="columns">
                    <Text
                        state=make.clone()
                        name="title"
                        label="Title"
                        placeholder="Deploy key of staging"
                        required=true
                    />
                    <Text
                        state=make
                        name="host"
                        label="Host"
                        placeholder="github.com"
                        mono=true
                        required=true
                        hint="The only one it is sent to."
                    />
                </div>
                <div class="row">
                    <Submit label="New key for this environment" quiet=true/>
                    <a class="button" href="/credentials">
                        "All credentials"
                    </a>
                </div>
            </Form>
        </Section>
    }
}
