//! The person: browsers, tokens, password, two-factor sign-in, passkeys.

mod agent;
mod identities;
mod passkeys;
mod two_factor;

use leptos::prelude::*;

pub use identities::way;
pub use two_factor::{enrolment, recovery_codes};

use crate::{
    api::{Result, SessionView, Time, TokenView},
    components::{Ago, Empty, Form, Password, Pick, Place, Section, Submit, Text},
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// The page of the person.
pub async fn account(cx: &Cx<'_>) -> Result<Page> {
    let sessions = cx.api.sessions().await?;
    let tokens = cx.api.tokens().await?;
    let now = cx.now();
    let email = cx.viewer.as_ref().map(|viewer| viewer.email.clone()).unwrap_or_default();
    let token = cx.form("token", "/actions/account/tokens");
    let revoke = cx.form("revoke", "/actions/account/tokens/delete");
    let end = cx.form("end", "/actions/account/sessions/end");
    let everywhere = cx.form("everywhere", "/actions/logout/everywhere");
    let standing = cx.api.two_factor().await?;
    let two_factor = two_factor::section(cx, &standing, email.clone(), now);
    let passkeys = passkeys::section(cx, cx.api.passkeys().await?, standing.since.is_some(), now);
    let identities = identities::section(cx, cx.api.identities().await?, email.clone(), now);
    let password = cx.form("password", "/actions/account/password");
    Ok(Page::new("Account", Place::Account, move || {
        let none = tokens.is_empty();
        let sessions: Vec<_> = sessions.into_iter().map(|session| browser(session, &end, now)).collect();
        let tokens: Vec<_> = tokens.into_iter().map(|token| row(token, &revoke, now)).collect();
        let lives = [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "Without end")]
            .map(|(value, text)| (value.to_owned(), text.to_owned()))
            .to_vec();
        view! {
            <header class="page-head">
                <h1>"Account"</h1>
                <span class="quiet">{email.clone()}</span>
            </header>
            <Section title="API tokens" about="For the skep command, CI and your own programs. A token may do what you may.">
                {none
                    .then(|| view! { <Empty title="No tokens yet" text="Make one below, then run skep login."/> })}
                <ul class="list">{tokens}</ul>
                <Form state=token.clone()>
                    <div class="columns">
                        <Text
                            state=token.clone()
                            name="name"
                            label="Name of the new token"
                            placeholder="CI of the shop"
                            required=true
                        />
                        <Pick state=token name="days" label="Ends after" value="90" options=lives/>
                    </div>
                    <div class="row">
                        <Submit label="Create token" quiet=true/>
                    </div>
                </Form>
            </Section>
            <Section title="Browsers" about="Where you are signed in.">
                <ul class="list">{sessions}</ul>
                <Form state=everywhere class="row pad">
                    <ConfirmButton
                        label="Sign out everywhere".into()
                        sure="Really, here too?".into()
                        class="button danger".into()
                        name=String::new()
                    />
                </Form>
            </Section>
            <Section title="Password" about="Changing it signs out all other browsers.">
                <Form state=password.clone()>
                    <input type="hidden" name="email" value=email autocomplete="username"/>
                    <div class="columns">
                        <Password
                            state=password.clone()
                            name="current"
                            label="Current password"
                            autocomplete="current-password"
                        />
                        <Password
                            state=password
                            name="password"
                            label="New password"
                            autocomplete="new-password"
                            hint="At least 12 characters."
                        />
                    </div>
                    <div class="row">
                        <Submit label="Change password" quiet=true/>
                    </div>
                </Form>
            </Section>
            {two_factor()}
            {passkeys()}
            {identities()}
        }
    }))
}

fn browser(session: SessionView, end: &FormState, now: Time) -> impl IntoView + use<> {
    let agent = agent::named(&session.agent);
    let name = format!("Sign out {agent}");
    let button = if session.current {
        view! { <span class="tag good">"this one"</span> }.into_any()
    } else {
        view! {
            <form method="post" action=end.action.clone()>
                <input type="hidden" name="session" value=session.id.to_string()/>
                <button type="submit" class="button small" aria-label=name>
                    "Sign out"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="line">
            <span class="grow">
                <strong title=session.agent>{agent}</strong>
                <small class="quiet">
                    "since " <Ago at=session.created_at now/> ", ends " <Ago at=session.expires_at now/>
                </small>
            </span>
            {button}
        </li>
    }
}

fn row(token: TokenView, revoke: &FormState, now: Time) -> impl IntoView + use<> {
    let name = format!("Revoke {}", token.name);
    let used = match token.used_at {
        Some(at) => view! {
            ", last used "
            <Ago at now/>
        }
        .into_any(),
        None => ", never used".into_any(),
    };
    let ends = match token.expires_at {
        Some(at) => view! {
            ", ends "
            <Ago at now/>
        }
        .into_any(),
        None => ", without end".into_any(),
    };
    view! {
        <li class="line">
            <span class="grow">
                <strong>{token.name}</strong>
                <small class="quiet">"made " <Ago at=token.created_at now/> {used} {ends}</small>
            </span>
            <form method="post" action=revoke.action.clone()>
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
}
