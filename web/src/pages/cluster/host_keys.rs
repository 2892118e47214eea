//! The keys of ssh hosts: which are trusted, and what a host shows before it is.

use leptos::prelude::*;

use crate::{
    api::HostKeyView,
    components::{Empty, Form, Notice, Pick, Place, Section, Submit, Text},
    http::FormState,
    islands::ConfirmButton,
    pages::Page,
};

/// The trusted hosts, and the form for another.
pub(super) fn section(
    keys: Vec<HostKeyView>,
    places: Vec<(String, String)>,
    add: FormState,
    forget: &FormState,
) -> impl IntoView + use<> {
    let mut hosts: Vec<Vec<HostKeyView>> = Vec::new();
    for key in keys {
        match hosts.last_mut() {
            Some(keys) if keys.iter().all(|one| (&one.host, &one.place) == (&key.host, &key.place)) => {
                keys.push(key);
            }
            _ => hosts.push(vec![key]),
        }
    }
    let first = places.first().map(|(value, _)| value.clone()).unwrap_or_default();
    let none = hosts.is_empty();
    let rows: Vec<_> = hosts.into_iter().filter_map(|keys| row(keys, forget)).collect();
    view! {
        <Section
            title="Trusted ssh hosts"
            id="hosts"
            about="Git over ssh fetches only from a host whose keys are saved here, and refuses any other key. Of an app's environment, project and team the nearest that trusts the host decides alone."
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
                    <Pick state=add.clone() name="place" label="Trusted in" value=first options=places/>
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

/// The keys of one host at one place.
fn row(keys: Vec<HostKeyView>, forget: &FormState) -> Option<impl IntoView + use<>> {
    let HostKeyView { place, place_name, host, .. } = keys.first()?.clone();
    let name = format!("Forget {host} of {place_name}");
    Some(view! {
        <li class="line tall">
            <span class="grow">
                <strong>{host.clone()}</strong>
                " "
                <span class="tag">{place_name}</span>
                {prints(keys)}
            </span>
            <form method="post" action=forget.action.clone()>
                <input type="hidden" name="host" value=host/>
                <input type="hidden" name="place" value=place/>
                <ConfirmButton
                    label="Forget".into()
                    sure="Really forget?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    })
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
pub fn shown(place: String, host: String, keys: Vec<HostKeyView>, action: &'static str) -> Page {
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
                    <input type="hidden" name="place" value=place/>
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
