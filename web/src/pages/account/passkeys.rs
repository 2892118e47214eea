//! Passkeys on the page of the person: those that there are, and one more.

use leptos::prelude::*;

use crate::{
    api::{PasskeyView, Time},
    components::{Ago, Empty, Form, Passkey, Password, Pick, Section, Submit, Text},
    http::{Cx, FormState},
    islands::ConfirmButton,
};

const ABOUT: &str = "A key on your phone, computer or security key signs you in by a touch, without password and code. \
                     Nobody can be tricked into telling it.";

/// The section; `two_factor` if a code is asked for, too, to make another one.
pub fn section(
    cx: &Cx<'_>,
    passkeys: Vec<PasskeyView>,
    two_factor: bool,
    now: Time,
) -> impl FnOnce() -> AnyView + use<> {
    let new = cx.form("passkey", "");
    let rename = cx.form("passkey-name", "/actions/account/passkeys/rename");
    let remove = cx.form("passkey-remove", "/actions/account/passkeys/delete");
    move || {
        let none = passkeys.is_empty();
        let fault = remove.faults().into_iter().next();
        let choices = passkeys.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
        let rows: Vec<_> = passkeys.into_iter().map(|passkey| row(passkey, &remove, now)).collect();
        view! {
            <Section title="Passkeys" about=ABOUT id="passkeys">
                {fault.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                {none.then(|| view! { <Empty title="No passkeys yet" text="Register one on each device that you use, so that you can lose one."/> })}
                <ul class="list">{rows}</ul>
                {register(new, two_factor)}
                {(!none).then(|| rename_form(rename, choices))}
            </Section>
        }
        .into_any()
    }
}

/// No form: only a script can ask an authenticator, and nothing of it may ever be in an address.
fn register(state: FormState, two_factor: bool) -> impl IntoView {
    let field = |name: &str| (name.to_owned(), state.id(name));
    let told = vec![field("name")];
    let mut asked = vec![field("password")];
    if two_factor {
        asked.push(field("code"));
    }
    let code = two_factor.then(|| {
        view! {
            <Text
                state=state.clone()
                name="code"
                label="Code"
                hint="Six digits that your app shows, or a recovery code."
                autocomplete="one-time-code"
                mono=true
            />
        }
    });
    view! {
        <div class="stack pad">
            <div class="columns">
                <Text state=state.clone() name="name" label="Name of the new passkey" placeholder="Laptop"/>
                <Password
                    state=state.clone()
                    name="password"
                    label="Your password"
                    autocomplete="current-password"
                />
                {code}
            </div>
            <div class="row">
                <Passkey
                    label="Register a passkey"
                    begin="/passkeys/begin"
                    asked
                    finish="/passkeys"
                    told
                    to="/account?done=passkey-added"
                />
            </div>
        </div>
    }
}

fn rename_form(state: FormState, choices: Vec<(String, String)>) -> impl IntoView {
    let open = !state.faults().is_empty();
    view! {
        <details class="pad" open=open>
            <summary>"Rename"</summary>
            <Form state=state.clone()>
                <div class="columns">
                    <Pick state=state.clone() name="passkey" label="Passkey" options=choices/>
                    <Text state=state name="name" label="New name" required=true/>
                </div>
                <div class="row">
                    <Submit label="Rename passkey" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

fn row(passkey: PasskeyView, remove: &FormState, now: Time) -> AnyView {
    let name = format!("Remove {}", passkey.name);
    let used = match passkey.used_at {
        Some(at) => view! { ", last used " <Ago at now/> }.into_any(),
        None => ", never used".into_any(),
    };
    view! {
        <li class="line">
            <span class="grow">
                <strong>{passkey.name}</strong>
                <small class="quiet">"registered " <Ago at=passkey.created_at now/> {used}</small>
            </span>
            <form method="post" action=remove.action.clone()>
                <input type="hidden" name="passkey" value=passkey.id/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    }
    .into_any()
}
