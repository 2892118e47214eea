//! Identity providers of the team, or of the instance: setting them up, and who is given what by them.

use leptos::prelude::*;

use crate::{
    api::{FindingView, ProviderView, Result, SsoView, Whose},
    components::{
        Card, Cards, CopyLine, Empty, Form, Notice, Password, Pick, Place, Section, Submit, Text, Tick,
    },
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// What the forms of one page post to.
struct Forms {
    of: &'static str,
    create: FormState,
    change: FormState,
    map: FormState,
    test: FormState,
    remove: FormState,
    only: FormState,
}

/// The page of providers.
pub async fn sso(cx: &Cx<'_>, of: Whose) -> Result<Page> {
    let sso = cx.api.sso(of).await?;
    let team = of == Whose::Team;
    let forms = Forms {
        of: if team { "team" } else { "instance" },
        create: cx.form("create", if team { "/actions/team/sso" } else { "/actions/instance/sso" }),
        change: cx.form("change", "/actions/team/sso/change"),
        map: cx.form("map", "/actions/team/sso/map"),
        test: cx.form("test", "/actions/team/sso/test"),
        remove: cx.form("remove", "/actions/team/sso/remove"),
        only: cx.form("only", "/actions/team/sso/only"),
    };
    let place = if team { Place::Team } else { Place::Instance };
    Ok(Page::new("Single sign-on", place, move || {
        let about = if team {
            "Whom a provider of the team vouches for sees this team, and nothing else."
        } else {
            "Whom a provider of the instance vouches for is signed in as with a password. What they may do is said by teams."
        };
        let none = sso.providers.is_empty();
        let fault =
            [&forms.test, &forms.remove, &forms.only].into_iter().flat_map(|form| form.faults()).next();
        let rows: Vec<_> = sso.providers.iter().map(|provider| row(provider, &sso, &forms, team)).collect();
        let only = team.then(|| only(&sso, &forms.only));
        let register = register(&sso, team);
        let new = new(&forms.create);
        view! {
            <header class="page-head">
                <h1>"Single sign-on"</h1>
            </header>
            <Section title="Providers" about=about>
                {fault.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                {none
                    .then(|| view! { <Empty title="No providers yet" text="Enter below what yours shows after you registered Skep with it."/> })}
                <ul class="list">{rows}</ul>
            </Section>
            {register}
            {new}
            {only}
        }
    }))
}

fn register(sso: &SsoView, team: bool) -> impl IntoView + use<> {
    let redirect = match &sso.redirect {
        Some(url) => view! { <CopyLine id="redirect" text=url.clone() what="redirect address"/> }.into_any(),
        None => view! {
            <Notice tone="warn">"The instance has no address of its own yet: its owner sets the domain of the dashboard first."</Notice>
        }
        .into_any(),
    };
    let login = team.then(|| {
        let login = sso.login.clone();
        view! {
            <h3>"Where people sign in"</h3>
            <p>
                <a href=login.clone()>
                    <code>{login.clone()}</code>
                </a>
            </p>
        }
    });
    view! {
        <Section title="At the provider" about="Register an application for the web with this redirect address; it gives you a client id and secret.">
            {redirect}
            {login}
        </Section>
    }
}

fn new(form: &FormState) -> impl IntoView + use<> {
    let form = form.clone();
    let cards = vec![
        Card {
            value: "oidc",
            title: "OpenID Connect",
            text: "Keycloak, GitLab, Entra ID, Google...",
            icon: "key",
        },
        Card { value: "github", title: "GitHub", text: "Or GitHub Enterprise.", icon: "branch" },
    ];
    view! {
        <Section title="New provider">
            <Form state=form.clone()>
                <Cards state=form.clone() name="kind" label="What does it speak?" value="oidc" cards/>
                <div class="columns">
                    <Text state=form.clone() name="name" label="Name" placeholder="Acme" required=true hint="The button says: Sign in with it."/>
                    <Text
                        state=form.clone()
                        name="issuer"
                        label="Issuer"
                        placeholder="https://login.example.org"
                        mono=true
                        required=true
                        hint="As the provider writes it, to the last slash; for GitHub its address."
                    />
                </div>
                <div class="columns">
                    <Text state=form.clone() name="client" label="Client id" mono=true required=true/>
                    <Password state=form.clone() name="secret" label="Client secret" autocomplete="off"/>
                    <Text state=form name="claim" label="Claim with groups" value="groups" mono=true optional=true hint="GitLab: groups_direct."/>
                </div>
                <div class="row">
                    <Submit label="Enter provider"/>
                </div>
            </Form>
        </Section>
    }
}

fn only(sso: &SsoView, form: &FormState) -> impl IntoView + use<> {
    let (on, through, form) = (sso.only, sso.through, form.clone());
    let about = "Owners come in with their password, too, so that a provider that breaks does not lock the team out. \
                 API tokens stay.";
    view! {
        <Section title="Single sign-on only" about=about id="only">
            <p>
                {if on { "The team is seen only by who signed in through its providers." } else { "Members come in with their password, too." }}
            </p>
            {(!on && !through)
                .then(|| {
                    view! { <p class="hint">"To turn it on, sign in through the team's provider first: so it is known to work."</p> }
                })}
            <Form state=form>
                {(!on).then(|| view! { <input type="hidden" name="only" value="yes"/> })}
                <div class="row">
                    <Submit label=if on { "Let members come in by password" } else { "Take single sign-on only" } quiet=true/>
                </div>
            </Form>
        </Section>
    }
}

fn row(provider: &ProviderView, sso: &SsoView, forms: &Forms, team: bool) -> AnyView {
    let hidden = || {
        view! {
            <input type="hidden" name="provider" value=provider.id.clone()/>
            <input type="hidden" name="of" value=forms.of/>
        }
    };
    let mappings: Vec<_> = provider.mappings.iter().map(|mapping| mapped(mapping, &provider.id)).collect();
    let nothing = (team && mappings.is_empty())
        .then(|| view! { <span class="quiet">"Nobody is given a role by it yet."</span> });
    let state = if provider.enabled { ("tag good", "on") } else { ("tag", "off") };
    let give = team.then(|| give(provider, sso, &forms.map));
    let edit = edit(provider, forms);
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{provider.name.clone()}</strong>
                " "
                <span class=state.0>{state.1}</span>
                <small class="quiet">{format!("{} · {}", provider.kind, provider.issuer)}</small>
                {mappings}
                {nothing}
                {give}
                {edit}
            </span>
            <form method="post" action=forms.test.action.clone()>
                {hidden()}
                <button type="submit" class="button small" aria-label=format!("Test {}", provider.name)>
                    "Test"
                </button>
            </form>
            <form method="post" action=forms.remove.action.clone()>
                {hidden()}
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name=format!("Remove {}", provider.name)
                />
            </form>
        </li>
    }
    .into_any()
}

fn mapped(mapping: &crate::api::MappingView, provider: &str) -> AnyView {
    let group = mapping.group.clone();
    let who = group.clone().unwrap_or_else(|| "everybody".to_owned());
    let text = format!("{who}: {} in {}", mapping.role_name, mapping.place_name);
    view! {
        <span class="row">
            <span class="tag">{text.clone()}</span>
            <form method="post" action="/actions/team/sso/unmap">
                <input type="hidden" name="provider" value=provider.to_owned()/>
                <input type="hidden" name="group" value=group.unwrap_or_default()/>
                <input type="hidden" name="place" value=mapping.place.clone()/>
                <button type="submit" class="button small" aria-label=format!("Take away {text}")>
                    "Take away"
                </button>
            </form>
        </span>
    }
    .into_any()
}

fn give(provider: &ProviderView, sso: &SsoView, form: &FormState) -> impl IntoView + use<> {
    let form = form.of(&provider.id);
    let open = !form.faults().is_empty();
    let (roles, places, id) = (sso.roles.clone(), sso.places.clone(), provider.id.clone());
    view! {
        <details open=open>
            <summary>"Give a group a role"</summary>
            <Form state=form.clone()>
                <input type="hidden" name="provider" value=id/>
                <div class="columns">
                    <Text state=form.clone() name="group" label="Group" optional=true hint="As the provider names it; empty: everybody."/>
                    <Pick state=form.clone() name="role" label="Role" value="viewer" options=roles/>
                    <Pick state=form name="place" label="Where" value="team" options=places/>
                </div>
                <div class="row">
                    <Submit label="Give role" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

fn edit(provider: &ProviderView, forms: &Forms) -> impl IntoView + use<> {
    let form = forms.change.of(&provider.id);
    let (secret, of, open) = (form.id("secret"), forms.of, !form.faults().is_empty());
    let ProviderView { id, name, client, claim, enabled, .. } = provider.clone();
    view! {
        <details open=open>
            <summary>"Change"</summary>
            <Form state=form.clone()>
                <input type="hidden" name="provider" value=id/>
                <input type="hidden" name="of" value=of/>
                <div class="columns">
                    <Text state=form.clone() name="name" label="Name" value=name required=true/>
                    <Text state=form.clone() name="client" label="Client id" value=client mono=true required=true/>
                </div>
                <div class="columns">
                    <div class="field">
                        <label for=secret.clone()>"Client secret"</label>
                        <input id=secret name="secret" type="password" autocomplete="off"/>
                        <p class="hint">"Empty: as it is."</p>
                    </div>
                    <Text state=form.clone() name="claim" label="Claim with groups" value=claim mono=true required=true/>
                </div>
                <Tick
                    state=form
                    name="enabled"
                    label="People can sign in through it"
                    checked=enabled
                    hint="Turned off, everybody who is signed in through it is signed out, and what it gave does not count."
                />
                <div class="row">
                    <Submit label="Save provider" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

/// What was found in a provider.
pub fn findings(findings: Vec<FindingView>, back: &'static str) -> Page {
    Page::new("Test of a provider", Place::Team, move || {
        let fine = findings.iter().all(|finding| finding.ok);
        let rows: Vec<_> = findings
            .into_iter()
            .map(|finding| {
                let tag = if finding.ok { ("tag good", "ok") } else { ("tag bad", "wrong") };
                view! {
                    <li class="line">
                        <span class="grow">
                            <strong>{finding.what}</strong>
                            " "
                            <span class=tag.0>{tag.1}</span>
                            <small class="quiet">{finding.text}</small>
                        </span>
                    </li>
                }
            })
            .collect();
        let (tone, text) = if fine {
            (
                "good",
                "All that can be known without signing in is as it should be. Sign in through it to see the rest.",
            )
        } else {
            ("bad", "People cannot sign in through it yet.")
        };
        view! {
            <header class="page-head">
                <h1>"Test of a provider"</h1>
            </header>
            <Notice tone=tone>{text}</Notice>
            <Section title="Findings">
                <ul class="list">{rows}</ul>
                <p class="row pad">
                    <a class="button primary" href=back>
                        "Back"
                    </a>
                </p>
            </Section>
        }
    })
}
