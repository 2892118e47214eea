//! The directories that certificates come from.

use leptos::prelude::*;

use crate::{
    api::{DirectoriesView, DirectoryLine, Result},
    components::{Form, Password, Pick, Place, Section, Submit, Text, Tick},
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// The page of directories.
pub async fn directories(cx: &Cx<'_>) -> Result<Page> {
    let view = cx.api.directories().await?;
    let create = cx.form("directory", "/actions/instance/directories");
    let change = cx.form("change-directory", "/actions/instance/directories/change");
    let remove = cx.form("remove-directory", "/actions/instance/directories/remove");
    Ok(Page::new("Directories", Place::Instance, move || {
        let DirectoriesView { first: (name, address), others } = view;
        let said = remove.faults().into_iter().next();
        let named: Vec<_> = others.iter().map(|other| (other.id.clone(), other.name.clone())).collect();
        let none = named.is_empty();
        let rows: Vec<_> = others.into_iter().map(|other| row(other, &remove)).collect();
        view! {
            <header class="page-head">
                <h1>"Directories"</h1>
                <a class="button" href="/instance">
                    "Settings"
                </a>
            </header>
            <Section
                title="In their order"
                about="Orders go to the first. A backup takes its place while the authority itself is in trouble, never for a fault of the name. Environments and certificates can choose one for themselves."
            >
                {said.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                <ul class="list">
                    <li class="line tall">
                        <span class="grow">
                            <strong>{name}</strong>
                            <span class="tag">"from the settings"</span>
                            <small class="quiet">{address}</small>
                        </span>
                    </li>
                    {rows}
                </ul>
            </Section>
            {(!none).then(|| changing(&change, named))}
            <Section title="New directory" about="Enter that of the settings, too, to give it a profile or other limits.">
                <Form state=create.clone() class="stack">
                    <div class="columns">
                        <Text
                            state=create.clone()
                            name="address"
                            label="Address"
                            placeholder="https://ca.internal.example/directory"
                            mono=true
                            required=true
                            hint="Or a short name: production, staging, zerossl, google."
                        />
                        <Text state=create.clone() name="name" label="Name" optional=true/>
                    </div>
                    {fields(&create)}
                    <div class="row">
                        <Submit label="Add directory"/>
                    </div>
                </Form>
            </Section>
        }
    }))
}

/// What new and known ones have alike.
fn fields(state: &FormState) -> impl IntoView + use<> {
    let keys = [("ecdsa-p256", "ECDSA P-256"), ("ecdsa-p384", "ECDSA P-384")];
    let keys = keys.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let limits = [
        ("limits.orders", "Orders in 3 hours"),
        ("limits.domain", "Certificates of a domain in 7 days"),
        ("limits.same", "Certificates of a host in 7 days"),
        ("limits.failures", "Failed validations in an hour"),
        ("limits.at_once", "Orders at the same time"),
    ];
    let limits = limits.map(|(name, label)| {
        view! { <Text state=state.clone() name label kind="number" optional=true/> }
    });
    let open = state.faults().iter().any(|fault| fault.field.starts_with("limits"));
    let state = state.clone();
    view! {
        <Tick state=state.clone() name="backup" label="Takes the place of one that is in trouble"/>
        <div class="columns">
            <Text
                state=state.clone()
                name="profile"
                label="Profile"
                placeholder="shortlived"
                mono=true
                optional=true
                hint="Of those that the directory lists."
            />
            <Pick state=state.clone() name="key_type" label="Keys of hosts" value="ecdsa-p256" options=keys/>
        </div>
        <div class="columns">
            <Text
                state=state.clone()
                name="external_key"
                label="External account key: id"
                mono=true
                optional=true
                hint="ZeroSSL and Google give one (EAB)."
            />
            <Password
                state=state.clone()
                name="hmac"
                label="External account key: HMAC"
                autocomplete="off"
                optional=true
                hint="Encrypted, and never shown again."
            />
        </div>
        <details open=open>
            <summary>"Limits"</summary>
            <div class="columns">{limits}</div>
        </details>
    }
}

fn changing(state: &FormState, named: Vec<(String, String)>) -> impl IntoView + use<> {
    let open = !state.faults().is_empty();
    let state = state.clone();
    view! {
        <Section title="Change one" about="It counts from the next order on. What is left empty stays, but for the profile.">
            <details class="pad" open=open>
                <summary>"Order, profile, key and limits"</summary>
                <Form state=state.clone() class="stack">
                    <div class="columns">
                        <Pick state=state.clone() name="id" label="Directory" options=named/>
                        <Text
                            state=state.clone()
                            name="position"
                            label="Place in the list"
                            kind="number"
                            optional=true
                            hint="1 is the first after that of the settings."
                        />
                    </div>
                    {fields(&state)}
                    <div class="row">
                        <Submit label="Save directory" quiet=true/>
                    </div>
                </Form>
            </details>
        </Section>
    }
}

fn row(other: DirectoryLine, remove: &FormState) -> impl IntoView + use<> {
    let number = |limit: Option<u32>| limit.map_or_else(|| "?".to_owned(), |limit| limit.to_string());
    let limits = format!(
        "{} orders in 3 hours, {} certificates of a domain and {} of a host in 7 days, {} failures in an hour, {} at once",
        number(other.limits.orders),
        number(other.limits.domain),
        number(other.limits.same),
        number(other.limits.failures),
        number(other.limits.at_once),
    );
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{other.name.clone()}</strong>
                {other.backup.then(|| view! { <span class="tag">"backup"</span> })}
                {other.external_key.is_some().then(|| view! { <span class="tag">"external account"</span> })}
                <small class="quiet">{other.address}</small>
                <small class="quiet">
                    {other.profile.map(|profile| format!("profile {profile}, "))} {other.key_type} ", " {limits}
                </small>
            </span>
            <form method="post" action=remove.action.clone()>
                <input type="hidden" name="id" value=other.id/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name=format!("Remove {}", other.name)
                />
            </form>
        </li>
    }
}
