//! Credentials for git hosts and registries.

use leptos::prelude::*;

use super::host_keys;
use crate::{
    api::{CredentialKind, CredentialView, HostKeyView, Result, Time},
    components::{
        Ago, Area, Card, Cards, CopyLine, Empty, Form, Pick, Place, Section, Submit, Text, prose, sentence,
    },
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// The page of credentials.
pub async fn credentials(cx: &Cx<'_>) -> Result<Page> {
    let list = cx.api.credentials().await?;
    let keys = cx.api.host_keys().await?;
    let places = cx.api.credential_places().await?;
    let now = cx.now();
    let add = cx.form("credential", "/actions/credentials");
    let delete = cx.form("delete", "/actions/credentials/delete");
    let trust = cx.form("host-key", "/actions/host-keys");
    let forget = cx.form("forget", "/actions/host-keys/forget");
    Ok(Page::new("Credentials", Place::Credentials, move || {
        let none = list.is_empty();
        let rows: Vec<_> = list
            .into_iter()
            .map(|item| {
                let trusted = trusts(&keys, &item);
                row(item, &delete, trusted, now)
            })
            .collect();
        let hosts = host_keys::section(keys, places.clone(), trust, &forget);
        let fault = delete.faults().into_iter().next().map(|fault| fault.message);
        view! {
            <header class="page-head">
                <h1>"Credentials"</h1>
            </header>
            <Section
                title="Stored"
                about="Each is sent to its own host only, and used only by apps of the team, project or environment that it belongs to. Secret parts are encrypted and never shown again."
            >
                {fault.map(|fault| view! { <div class="faults" role="alert">{fault}</div> })}
                {none
                    .then(|| {
                        view! {
                            <Empty
                                title="No credentials yet"
                                text="Public repositories and images need none. For private ones, add a token, a deploy key or a registry login below."
                            />
                        }
                    })}
                <ul class="list">{rows}</ul>
            </Section>
            {form(&add, places)}
            {hosts}
        }
    }))
}

fn form(add: &FormState, places: Vec<(String, String)>) -> impl IntoView + use<> {
    let first = places.first().map(|(value, _)| value.clone()).unwrap_or_default();
    let cards = vec![
        Card {
            value: "git_key",
            title: "Deploy key",
            text: "For git over ssh. Made here, or yours.",
            icon: "key",
        },
        Card { value: "git_token", title: "Git token", text: "For git over https.", icon: "branch" },
        Card { value: "registry", title: "Registry login", text: "For private images.", icon: "image" },
    ];
    let secret = add.id("secret");
    let fault = add.fault("secret");
    let wrong = fault.is_some().then_some("");
    let add = add.clone();
    view! {
        <Section title="New credential">
            <Form state=add.clone() class="stack kinds">
                <Cards state=add.clone() name="kind" label="What for?" value="git_key" cards/>
                <div class="columns">
                    <Text
                        state=add.clone()
                        name="title"
                        label="Title"
                        placeholder="Deploy key of the shop"
                        required=true
                    />
                    <Text
                        state=add.clone()
                        name="host"
                        label="Host"
                        placeholder="github.com"
                        mono=true
                        required=true
                        hint="The only one it is sent to."
                    />
                    <Pick
                        state=add.clone()
                        name="place"
                        label="Belongs to"
                        value=first
                        options=places
                        hint="Only apps there use it."
                    />
                </div>
                <div class="for for-git_token for-registry stack">
                    <div class="columns">
                        <Text state=add.clone() name="username" label="User name" mono=true optional=true/>
                        <div class="field" data-wrong=wrong>
                            <label for=secret.clone()>"Token or password"</label>
                            <input id=secret name="secret" type="password" autocomplete="off"/>
                            {fault.map(|fault| view! { <p class="fault">{prose(&sentence(&fault))}</p> })}
                        </div>
                    </div>
                </div>
                <div class="for for-git_key stack">
                    <Area
                        state=add.clone()
                        name="key"
                        label="Private key"
                        secret=true
                        optional=true
                        placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
                        hint="Without a passphrase. If left empty, Skep makes one."
                    />
                    <p class="hint">
                        "Skep keeps the private half. The public half appears above; enter it as a deploy key at the git host, read only."
                    </p>
                </div>
                <div class="row">
                    <Submit label="Store credential"/>
                </div>
            </Form>
        </Section>
    }
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether the host of a key is trusted where the key belongs, or around it.
pub(crate) fn trusts(keys: &[HostKeyView], item: &CredentialView) -> bool {
    let around = |key: &HostKeyView| {
        key.place == item.place
            || key.place == "team"
            || (key.place.starts_with("project:") && item.place.starts_with("environment:"))
    };
    keys.iter().any(|key| key.host == name_of(&item.host) && around(key))
}

/// One credential with what deletes it.
pub(crate) fn row(
    item: CredentialView,
    delete: &FormState,
    trusted: bool,
    now: Time,
) -> impl IntoView + use<> {
    let kind = match item.kind {
        CredentialKind::GitToken => "git token",
        CredentialKind::GitKey => "deploy key",
        CredentialKind::Registry => "registry login",
    };
    let used = match item.used_by {
        0 => "not used".to_owned(),
        1 => "used by 1 app".to_owned(),
        n => format!("used by {n} apps"),
    };
    let name = format!("Delete {}", item.title);
    let about = item.username.map_or_else(
        || format!("{} · {used}", item.host),
        |user| format!("{user} at {} · {used}", item.host),
    );
    let id = item.id.to_string();
    let distrusted = (item.kind == CredentialKind::GitKey && !trusted).then(|| {
        view! {
            <form method="post" action="/actions/host-keys" class="row">
                <input type="hidden" name="host" value=item.host.clone()/>
                <input type="hidden" name="place" value=item.place.clone()/>
                <span class="failure-line">"Its host is not trusted yet."</span>
                <button type="submit" class="button small">
                    {format!("Look up keys of {}", item.host)}
                </button>
            </form>
        }
    });
    let public = item.public.map(|public| {
        view! { <CopyLine id=format!("public-{id}") text=public what="public key"/> }
    });
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{item.title}</strong>
                " "
                <span class="tag">{kind}</span>
                " "
                <span class="tag">{item.place_name}</span>
                <small class="quiet">{about} ", added " <Ago at=item.created_at now/></small>
                {public}
                {distrusted}
            </span>
            <form method="post" action=delete.action.clone()>
                <input type="hidden" name="credential" value=id.clone()/>
                <ConfirmButton
                    label="Delete".into()
                    sure="Really delete?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    }
}
