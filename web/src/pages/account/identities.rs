//! The providers that know the person, and connecting another one.

use leptos::prelude::*;

use crate::{
    api::{IdentityView, Time},
    components::{Ago, Form, Password, Place, Section, Submit},
    http::{Cx, FormState},
    pages::Page,
};

/// The section; nothing where there is no provider.
pub fn section(
    cx: &Cx<'_>,
    known: Vec<IdentityView>,
    email: String,
    now: Time,
) -> impl FnOnce() -> AnyView + use<> {
    let connect = cx.form("connect", "/actions/account/identities/connect");
    let disconnect = cx.form("disconnect", "/actions/account/identities/disconnect");
    move || {
        if known.is_empty() {
            return ().into_any();
        }
        let rows: Vec<_> = known
            .into_iter()
            .map(|identity| {
                let form = if identity.connected { &disconnect } else { &connect };
                row(identity, form, email.clone(), now)
            })
            .collect();
        view! {
            <Section
                title="Single sign-on"
                about="Who is connected signs in through it. One of a team counts for that team alone."
                id="identities"
            >
                <ul class="list">{rows}</ul>
            </Section>
        }
        .into_any()
    }
}

fn row(identity: IdentityView, form: &FormState, email: String, now: Time) -> impl IntoView + use<> {
    let form = form.of(&identity.provider);
    let open = !form.faults().is_empty();
    let verb = if identity.connected { "Disconnect" } else { "Connect" };
    let about = match (identity.connected, identity.used_at) {
        (true, Some(at)) => {
            let there = identity.email.map(|email| format!("as {email}, ")).unwrap_or_default();
            view! { {there} "last used " <Ago at now/> }.into_any()
        }
        _ => "Not connected.".into_any(),
    };
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{identity.name.clone()}</strong>
                <small class="quiet">{about}</small>
                <details open=open>
                    <summary>{format!("{verb} {}", identity.name)}</summary>
                    <Form state=form.clone()>
                        <input type="hidden" name="provider" value=identity.provider/>
                        <input type="hidden" name="name" value=identity.name/>
                        <input type="hidden" name="email" value=email autocomplete="username"/>
                        <Password state=form name="password" label="Your password" autocomplete="current-password"/>
                        <div class="row">
                            <Submit label=verb quiet=true/>
                        </div>
                    </Form>
                </details>
            </span>
        </li>
    }
}

/// The way to a provider, which a form may not lead to by itself.
pub fn way(name: String, to: String) -> Page {
    Page::new("Go on to the provider", Place::Account, move || {
        view! {
            <header class="page-head">
                <h1>"Go on to the provider"</h1>
            </header>
            <Section title=name.clone() about="Sign in there within ten minutes. You come back here, and it knows you from then on.">
                <p class="row pad">
                    <a class="button primary" href=to rel="nofollow">
                        {format!("Go on to {name}")}
                    </a>
                    <a class="button" href="/account">
                        "No, go back"
                    </a>
                </p>
            </Section>
        }
    })
}
