//! Service accounts: their roles, their tokens, and a form for another one.

use leptos::prelude::*;

use super::members::tag;
use crate::{
    api::{ServiceAccountView, Time, TokenView},
    components::{Ago, Empty, Form, Pick, Section, Submit, Text},
    http::{Cx, FormState},
    islands::ConfirmButton,
};

const ABOUT: &str = "For CI and scripts: nobody signs in as one. It does what its roles give, by the tokens made here. \
                     Give it a role above, as a member.";

/// The forms of this part.
pub struct Forms {
    create: FormState,
    rename: FormState,
    remove: FormState,
    token: FormState,
    revoke: FormState,
    role: FormState,
}

impl Forms {
    /// As they were sent, if one of them was refused.
    pub fn of(cx: &Cx<'_>) -> Self {
        Self {
            create: cx.form("account", "/actions/team/service-accounts"),
            rename: cx.form("account-name", "/actions/team/service-accounts/rename"),
            remove: cx.form("account-remove", "/actions/team/service-accounts/delete"),
            token: cx.form("account-token", "/actions/team/service-accounts/tokens"),
            revoke: cx.form("account-revoke", "/actions/team/service-accounts/tokens/delete"),
            role: cx.form("role", "/actions/team/members/role"),
        }
    }
}

/// All service accounts; what changes them for whoever may.
pub fn section(
    accounts: Vec<ServiceAccountView>,
    forms: Forms,
    manages: bool,
    now: Time,
) -> impl IntoView + use<> {
    let none = accounts.is_empty();
    let fault = [&forms.remove, &forms.revoke].into_iter().flat_map(FormState::faults).next();
    let token = (manages && !none).then(|| new_token(&accounts, forms.token.clone()));
    let rename = (manages && !none).then(|| rename(&accounts, forms.rename.clone()));
    let rows: Vec<_> = accounts.into_iter().map(|account| row(account, &forms, manages, now)).collect();
    (manages || !none).then(|| {
        view! {
            <Section title="Service accounts" about=ABOUT id="service-accounts">
                {fault.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                {none.then(|| view! { <Empty title="No service accounts yet" text="Make one for each pipeline, so that each can be taken back by itself."/> })}
                <ul class="list">{rows}</ul>
                {token}
                {rename}
                {manages.then(|| create(forms.create))}
            </Section>
        }
    })
}

fn create(form: FormState) -> impl IntoView {
    view! {
        <Form state=form.clone()>
            <Text
                state=form
                name="name"
                label="Name of the new service account"
                placeholder="ci"
                hint="Lower-case letters, digits and hyphens."
                required=true
                mono=true
            />
            <div class="row">
                <Submit label="Create service account" quiet=true/>
            </div>
        </Form>
    }
}

fn choices(accounts: &[ServiceAccountView]) -> Vec<(String, String)> {
    accounts.iter().map(|account| (account.member.id.clone(), account.name.clone())).collect()
}

fn new_token(accounts: &[ServiceAccountView], form: FormState) -> impl IntoView + use<> {
    let accounts = choices(accounts);
    let lives = [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "Without end")]
        .map(|(value, text)| (value.to_owned(), text.to_owned()))
        .to_vec();
    let open = !form.faults().is_empty();
    view! {
        <details class="pad" open=open>
            <summary>"Make a token"</summary>
            <Form state=form.clone()>
                <div class="columns">
                    <Pick state=form.clone() name="account" label="Service account" options=accounts/>
                    <Text state=form.clone() name="name" label="Name of the new token" placeholder="pipeline" required=true/>
                    <Pick state=form name="days" label="Ends after" value="90" options=lives/>
                </div>
                <div class="row">
                    <Submit label="Create token" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

fn rename(accounts: &[ServiceAccountView], form: FormState) -> impl IntoView + use<> {
    let accounts = choices(accounts);
    let open = !form.faults().is_empty();
    view! {
        <details class="pad" open=open>
            <summary>"Rename"</summary>
            <Form state=form.clone()>
                <div class="columns">
                    <Pick state=form.clone() name="account" label="Service account" options=accounts/>
                    <Text state=form name="name" label="New name" required=true mono=true/>
                </div>
                <div class="row">
                    <Submit label="Rename" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

fn row(account: ServiceAccountView, forms: &Forms, manages: bool, now: Time) -> AnyView {
    let member = account.member;
    let name = format!("Remove {}", account.name);
    let id = member.id.clone();
    let grants: Vec<_> =
        member.grants.into_iter().map(|grant| tag(grant, &id, &forms.role, manages)).collect();
    let bare = grants.is_empty().then(|| view! { <span class="quiet">"no role"</span> });
    let tokens: Vec<_> = account.tokens.into_iter().map(|one| token(one, &id, &forms.revoke, now)).collect();
    let out = manages.then(|| {
        view! {
            <form method="post" action=forms.remove.action.clone()>
                <input type="hidden" name="account" value=id.clone()/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        }
    });
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{account.name}</strong>
                <small class="quiet">"since " <Ago at=member.created_at now/></small>
                <span class="row">{grants} {bare}</span>
            </span>
            {out}
        </li>
        {tokens}
    }
    .into_any()
}

fn token(token: TokenView, account: &str, revoke: &FormState, now: Time) -> AnyView {
    let name = format!("Revoke {}", token.name);
    let used = match token.used_at {
        Some(at) => view! { "last used " <Ago at now/> }.into_any(),
        None => "never used".into_any(),
    };
    let ends = match token.expires_at {
        Some(at) => view! { ", ends " <Ago at now/> }.into_any(),
        None => ", without end".into_any(),
    };
    view! {
        <li class="line">
            <span class="grow">
                <span class="tag">"token"</span>
                " "
                {token.name}
                <small class="quiet">{used} {ends}</small>
            </span>
            <form method="post" action=revoke.action.clone()>
                <input type="hidden" name="account" value=account.to_owned()/>
                <input type="hidden" name="token" value=token.id.to_string()/>
                <ConfirmButton
                    label="Revoke".into()
                    sure="Really revoke?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    }
    .into_any()
}
