//! Secret stores that the team has elsewhere.

use leptos::prelude::*;

use crate::{
    api::{Result, StoreView, StoresView, Time},
    components::{Ago, Empty, Form, Password, Pick, Place, Section, Submit, Text},
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// The kinds: values, their names, and what stands in a reference after the store's name.
const KINDS: [(&str, &str, &str); 5] = [
    ("vault", "Vault or OpenBao", "path#key"),
    ("infisical", "Infisical", "/folder#NAME"),
    ("aws", "AWS Secrets Manager", "name#key"),
    ("doppler", "Doppler", "project/config#NAME"),
    ("onepassword", "1Password Connect", "vault/item#field"),
];

/// The page of secret stores.
pub async fn stores(cx: &Cx<'_>) -> Result<Page> {
    let view = cx.api.stores().await?;
    let now = cx.now();
    let may = cx.viewer.as_ref().is_some_and(|viewer| viewer.may("credentials"));
    let create = cx.form("store", "/actions/team/stores");
    let change = cx.form("change-store", "/actions/team/stores/change");
    let check = cx.form("check-store", "/actions/team/stores/check");
    let delete = cx.form("delete-store", "/actions/team/stores/delete");
    Ok(Page::new("Secret stores", Place::Team, move || {
        let StoresView { stores, places } = view;
        let none = stores.is_empty();
        let named: Vec<_> = stores.iter().map(|store| (store.id.clone(), store.name.clone())).collect();
        let said = check.faults().into_iter().chain(delete.faults()).next();
        let rows: Vec<_> = stores.into_iter().map(|store| row(store, &check, &delete, now)).collect();
        view! {
            <header class="page-head">
                <h1>"Secret stores"</h1>
            </header>
            <Section
                title="In use"
                about="A variable of an app refers to what a store holds. Each deployment reads it anew, and it is masked in logs."
            >
                {said.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                {none
                    .then(|| {
                        view! {
                            <Empty
                                title="No secret stores yet"
                                text="Variables need none. Add a store if the team keeps its secrets elsewhere."
                            />
                        }
                    })}
                <ul class="list">{rows}</ul>
            </Section>
            {(!none).then(|| changing(&change, named))}
            {may.then(|| form(&create, places))}
        }
    }))
}

fn form(state: &FormState, places: Vec<(String, String)>) -> impl IntoView + use<> {
    let kinds = KINDS.map(|(value, name, _)| (value.to_owned(), name.to_owned())).to_vec();
    let versions = [("v2", "Version 2"), ("v1", "Version 1")];
    let versions = versions.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let state = state.clone();
    view! {
        <Section title="New store">
            <Form state=state.clone() class="stack kinds">
                <div class="columns">
                    <Text
                        state=state.clone()
                        name="name"
                        label="Name"
                        placeholder="vault"
                        mono=true
                        required=true
                        hint="What variables call it."
                    />
                    <Pick state=state.clone() name="place" label="Whose apps may use it" options=places/>
                </div>
                <Pick state=state.clone() name="settings.kind" label="Kind" value="vault" options=kinds/>
                <Text
                    state=state.clone()
                    name="address"
                    label="Address"
                    placeholder="https://vault.example.org:8200"
                    mono=true
                    hint="May be empty for Infisical, AWS and Doppler, which have their own."
                />
                <div class="for for-vault columns">
                    <Text
                        state=state.clone()
                        name="settings.mount"
                        label="Mount"
                        value="secret"
                        mono=true
                        hint="Where keys and values are."
                    />
                    <Pick
                        state=state.clone()
                        name="settings.version"
                        label="Keys and values"
                        value="v2"
                        options=versions
                    />
                    <Text
                        state=state.clone()
                        name="settings.namespace"
                        label="Namespace"
                        mono=true
                        optional=true
                    />
                </div>
                <div class="for for-infisical columns">
                    <Text state=state.clone() name="settings.project" label="Project id" mono=true/>
                    <Text
                        state=state.clone()
                        name="settings.environment"
                        label="Environment"
                        placeholder="prod"
                        mono=true
                    />
                </div>
                <div class="for for-aws">
                    <Text
                        state=state.clone()
                        name="settings.region"
                        label="Region"
                        placeholder="eu-central-1"
                        mono=true
                    />
                </div>
                {login(&state)}
                <div class="row">
                    <Submit label="Add store"/>
                </div>
            </Form>
        </Section>
    }
}

/// The two fields of credentials.
fn login(state: &FormState) -> impl IntoView + use<> {
    let state = state.clone();
    view! {
        <div class="columns">
            <Text
                state=state.clone()
                name="login.id"
                label="Role, client or access key id"
                mono=true
                optional=true
                hint="For an AppRole of Vault, Infisical and AWS. Empty for a token alone."
            />
            <Password
                state=state.clone()
                name="login.secret"
                label="Token or secret"
                autocomplete="off"
                hint="Encrypted, sent to the address above only, never shown again."
            />
        </div>
    }
}

fn changing(state: &FormState, named: Vec<(String, String)>) -> impl IntoView + use<> {
    let open = !state.faults().is_empty();
    let state = state.clone();
    view! {
        <Section title="Other credentials" about="They count from the next deployments on.">
            <details class="pad" open=open>
                <summary>"Give a store other credentials"</summary>
                <Form state=state.clone()>
                    <div class="columns">
                        <Pick state=state.clone() name="store" label="Store" options=named/>
                        <Text
                            state=state.clone()
                            name="address"
                            label="Address"
                            mono=true
                            optional=true
                            hint="As before if empty."
                        />
                    </div>
                    {login(&state)}
                    <div class="row">
                        <Submit label="Change credentials" quiet=true/>
                    </div>
                </Form>
            </details>
        </Section>
    }
}

fn row(store: StoreView, check: &FormState, delete: &FormState, now: Time) -> impl IntoView + use<> {
    let kind = KINDS.iter().find(|(value, ..)| *value == store.kind);
    let (title, path) = kind.map_or(("unknown", "path#key"), |(_, title, path)| (*title, *path));
    let example = format!("${{{{store.{}:{path}}}}}", store.name);
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{store.name.clone()}</strong>
                " "
                <span class="tag">{title}</span>
                <small class="quiet">
                    {store.address} " · for " {store.place_name} ", added " <Ago at=store.created_at now/>
                </small>
                <code>{example}</code>
            </span>
            <form method="post" action=check.action.clone()>
                <input type="hidden" name="store" value=store.id.clone()/>
                <button type="submit" class="button small" aria-label=format!("Check {}", store.name)>
                    "Check"
                </button>
            </form>
            <form method="post" action=delete.action.clone()>
                <input type="hidden" name="store" value=store.id/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name=format!("Remove {}", store.name)
                />
            </form>
        </li>
    }
}
