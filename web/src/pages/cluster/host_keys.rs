//! The keys of ssh hosts: which are trusted, and what a host shows before it is.

use leptos::prelude::*;

use crate::{
    api::HostKeyView,
    components::{Empty, Form, Notice, Place, Section, Submit, Text},
    http::FormState,
    islands::ConfirmButton,
    pages::Page,
};

/// The trusted hosts, and the form for another.
pub(super) fn section(keys: Vec<HostKeyView>, add: FormState, forget: &FormState) -> impl IntoView + use<> {
    let mut hosts: Vec<(String, Vec<HostKeyView>)> = Vec::new();
    for key in keys {
        match hosts.last_mut() {
            Some((host, keys)) if *host == key.host => keys.push(key),
            _ => hosts.push((key.host.clone(), vec![key])),
        }
    }
    let none = hosts.is_empty();
    let rows: Vec<_> = hosts.into_iter().map(|(host, keys)| row(host, keys, forget)).collect();
    view! {
        <Section
            title="Trusted ssh hosts"
            id="hosts"
            about="Git over ssh fetches only from a host whose keys are saved here, and refuses any other key."
        >
            {none
                .then(|| {
                    view! {
                        <Empty
                            title="No host is trusted yet"
                            text="A deploy key works once its host is. Look up the host's keys, compare, and trust them."
                        />
                    }
                })}
            {(!none).then(|| view! { <ul class="list">{rows}</ul> })}
            <Form state=add.clone()>
                <div class="columns">
                    <Text
                        state=add.clone()
                        name="host"
                        label="Host"
                        placeholder="github.com"
                        mono=true
                        required=true
                        hint="With its port unless that is 22."
                    />
                    <Text
                        state=add
                        name="line"
                        label="Key"
                        placeholder="ssh-ed25519 AAAA…"
                        mono=true
                        optional=true
                        hint="As the host publishes it. If left empty, the host is asked and you compare."
                    />
                </div>
                <div class="row">
                    <Submit label="Trust a host" quiet=true/>
                </div>
            </Form>
        </Section>
    }
}

fn row(host: String, keys: Vec<HostKeyView>, forget: &FormState) -> impl IntoView + use<> {
    let name = format!("Forget {host}");
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{host.clone()}</strong>
                {prints(keys)}
            </span>
            <form method="post" action=forget.action.clone()>
                <input type="hidden" name="host" value=host/>
                <ConfirmButton
                    label="Forget".into()
                    sure="Really forget?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    }
}

fn prints(keys: Vec<HostKeyView>) -> Vec<impl IntoView> {
    let print = |key: HostKeyView| {
        view! {
            <small class="print">
                {key.algorithm} " " <code>{key.fingerprint}</code>
            </small>
        }
    };
    keys.into_iter().map(print).collect()
}

/// What a host shows, to be compared before it is trusted.
pub fn shown(host: String, keys: Vec<HostKeyView>, action: &'static str) -> Page {
    Page::new(format!("Keys of {host}"), Place::Credentials, move || {
        let lines: Vec<_> = keys
            .iter()
            .map(|key| view! { <input type="hidden" name="line" value=key.line.clone()/> })
            .collect();
        let rows: Vec<_> = prints(keys).into_iter().map(|print| view! { <li>{print}</li> }).collect();
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href="/credentials">"Credentials"</a>
            </nav>
            <header class="page-head">
                <h1>{format!("Keys of {host}")}</h1>
            </header>
            <Section title="What the host shows now" about="Nothing is saved yet.">
                <ul class="list">{rows}</ul>
                <Notice tone="warn">
                    "Compare these fingerprints with what the host publishes. Somebody between Skep and the host could show others."
                </Notice>
                <form method="post" action=action class="row">
                    <input type="hidden" name="host" value=host/>
                    {lines}
                    <button type="submit" class="button primary">
                        "They are the same: trust them"
                    </button>
                    <a class="button" href="/credentials">
                        "Cancel"
                    </a>
                </form>
            </Section>
        }
    })
}
