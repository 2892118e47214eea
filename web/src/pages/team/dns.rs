//! DNS providers, the domains that the team proves to be theirs, and the certificates that it brings along.

use leptos::prelude::*;

use super::dns_parts::{certificates, domains};
use crate::{
    api::{DnsProviderView, Result, Time},
    components::{Ago, Area, Empty, Form, Password, Pick, Place, Section, Submit, Text},
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// The kinds: values and their names.
const KINDS: [(&str, &str); 7] = [
    ("cloudflare", "Cloudflare"),
    ("route53", "AWS Route 53"),
    ("digitalocean", "DigitalOcean"),
    ("hetzner", "Hetzner"),
    ("desec", "deSEC"),
    ("rfc2136", "Name server (RFC 2136)"),
    ("acme_dns", "acme-dns"),
];

/// The page.
pub async fn dns(cx: &Cx<'_>) -> Result<Page> {
    let view = cx.api.dns().await?;
    let now = cx.now();
    let viewer = cx.viewer.as_ref();
    let may = viewer.is_some_and(|viewer| viewer.may("credentials"));
    let create = cx.form("dns", "/actions/team/dns");
    let change = cx.form("change-dns", "/actions/team/dns/change");
    let test = cx.form("test-dns", "/actions/team/dns/test");
    let delete = cx.form("delete-dns", "/actions/team/dns/delete");
    let proofs = domains::Forms {
        claim: cx.form("claim-domain", "/actions/team/dns/claim"),
        verify: cx.form("verify-domain", "/actions/team/dns/verify"),
        release: cx.form("release-domain", "/actions/team/dns/release"),
    };
    let upload = cx.form("upload-certificate", "/actions/team/dns/upload");
    let remove = cx.form("remove-certificate", "/actions/team/dns/remove");
    Ok(Page::new("DNS and certificates", Place::Team, move || {
        let none = view.providers.is_empty();
        let named: Vec<_> = view.providers.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
        let said = test.faults().into_iter().chain(delete.faults()).next();
        let rows: Vec<_> = view.providers.into_iter().map(|one| row(one, &test, &delete, now)).collect();
        view! {
            <header class="page-head">
                <h1>"DNS and certificates"</h1>
            </header>
            <Section
                title="DNS providers"
                about="Wildcard certificates are proved by a record in the domain's DNS. Skep puts it there and takes it away again."
            >
                {said.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                {none
                    .then(|| {
                        view! {
                            <Empty
                                title="No DNS providers yet"
                                text="Ordinary host names need none. Add one for domains like *.shop.example.org."
                            />
                        }
                    })}
                <ul class="list">{rows}</ul>
            </Section>
            {(!none).then(|| changing(&change, named))}
            {may.then(|| form(&create, view.places))}
            {may.then(|| domains::section(view.domains, proofs, now))}
            {may.then(|| certificates::section(view.certificates, upload, &remove, now))}
            {view.authority.map(certificates::authority)}
        }
    }))
}

fn form(state: &FormState, places: Vec<(String, String)>) -> impl IntoView + use<> {
    let kinds = KINDS.map(|(value, name)| (value.to_owned(), name.to_owned())).to_vec();
    let algorithms = [("hmac_sha256", "HMAC-SHA256"), ("hmac_sha512", "HMAC-SHA512")];
    let algorithms = algorithms.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let state = state.clone();
    view! {
        <Section title="New DNS provider">
            <Form state=state.clone() class="stack kinds">
                <div class="columns">
                    <Text
                        state=state.clone()
                        name="name"
                        label="Name"
                        placeholder="cloudflare"
                        mono=true
                        required=true
                    />
                    <Pick state=state.clone() name="place" label="Whose apps may use it" options=places/>
                </div>
                <Pick state=state.clone() name="settings.kind" label="Kind" value="cloudflare" options=kinds/>
                <Area
                    state=state.clone()
                    name="zones"
                    label="Zones"
                    placeholder="example.org"
                    hint="One on each line, as the provider calls them. Nothing else is touched."
                    rows=2
                />
                <div class="for for-rfc2136 columns">
                    <Text
                        state=state.clone()
                        name="settings.server"
                        label="Primary name server"
                        placeholder="ns1.example.org"
                        mono=true
                    />
                    <Pick
                        state=state.clone()
                        name="settings.algorithm"
                        label="Signed with"
                        value="hmac_sha256"
                        options=algorithms
                    />
                </div>
                <div class="for for-acme_dns">
                    <Text
                        state=state.clone()
                        name="settings.subdomain"
                        label="Subdomain of the registration"
                        mono=true
                    />
                </div>
                <Text
                    state=state.clone()
                    name="settings.address"
                    label="Address"
                    mono=true
                    optional=true
                    hint="Only for acme-dns, or where the provider is not at its usual address."
                />
                {login(&state)}
                <div class="row">
                    <Submit label="Add provider"/>
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
                label="Access key, TSIG key or username"
                mono=true
                optional=true
                hint="For Route 53, a name server and acme-dns. Empty for a token alone."
            />
            <Password
                state=state.clone()
                name="login.secret"
                label="Token or secret"
                autocomplete="off"
                hint="Encrypted, sent to the provider only, never shown again."
            />
        </div>
    }
}

fn changing(state: &FormState, named: Vec<(String, String)>) -> impl IntoView + use<> {
    let open = !state.faults().is_empty();
    let state = state.clone();
    view! {
        <Section title="Other zones or credentials">
            <details class="pad" open=open>
                <summary>"Change a provider"</summary>
                <Form state=state.clone()>
                    <Pick state=state.clone() name="provider" label="Provider" options=named/>
                    <Area state=state.clone() name="zones" label="Zones" hint="As before if empty." rows=2/>
                    {login(&state)}
                    <p class="quiet">"Credentials stay as they are if the secret is empty."</p>
                    <div class="row">
                        <Submit label="Change provider" quiet=true/>
                    </div>
                </Form>
            </details>
        </Section>
    }
}

fn row(one: DnsProviderView, test: &FormState, delete: &FormState, now: Time) -> impl IntoView + use<> {
    let title = KINDS.iter().find(|(value, _)| *value == one.kind).map_or("unknown", |(_, title)| *title);
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{one.name.clone()}</strong>
                " "
                <span class="tag">{title}</span>
                <small class="quiet">
                    "For " {one.place_name} ", added " <Ago at=one.created_at now/>
                </small>
                <code>{one.zones.join(", ")}</code>
            </span>
            <form method="post" action=test.action.clone()>
                <input type="hidden" name="provider" value=one.id.clone()/>
                <button type="submit" class="button small" aria-label=format!("Test {}", one.name)>
                    "Test"
                </button>
            </form>
            <form method="post" action=delete.action.clone()>
                <input type="hidden" name="provider" value=one.id/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name=format!("Remove {}", one.name)
                />
            </form>
        </li>
    }
}
