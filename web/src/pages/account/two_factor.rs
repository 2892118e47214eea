//! Two-factor sign-in on the page of the person: a form for what can be done next.

use leptos::prelude::*;

use crate::{
    api::{Enrolment, Secret, Time, TwoFactorView},
    components::{Ago, CopyLine, Form, Notice, Password, Place, Qr, Section, Submit, Text},
    http::{Cx, FormState},
    pages::Page,
};

const ABOUT: &str = "Besides the password, a code of an app on your phone is asked for. Turning it on or off signs out \
                     all other browsers.";

/// The section: how it stands, and what can be done.
pub fn section(
    cx: &Cx<'_>,
    standing: &TwoFactorView,
    email: String,
    now: Time,
) -> impl FnOnce() -> AnyView + use<> {
    let begin = cx.form("two-factor", "/actions/account/two-factor");
    let confirm = cx.form("confirm", "/actions/account/two-factor/confirm");
    let codes = cx.form("codes", "/actions/account/two-factor/codes");
    let off = cx.form("off", "/actions/account/two-factor/off");
    let (theirs, again) = (email.clone(), email);
    let TwoFactorView { since, begun, codes_left } = *standing;
    move || {
        let body = match since {
            Some(since) => view! {
                <p>"On since " <Ago at=since now/> ". " {left(codes_left)}</p>
                <Form state=codes.clone()>
                    {proof(&codes, theirs)}
                    <div class="row">
                        <Submit label="Make new recovery codes" quiet=true/>
                    </div>
                </Form>
                <Form state=off.clone()>
                    {proof(&off, again)}
                    <div class="row">
                        <Submit label="Turn two-factor sign-in off" quiet=true/>
                    </div>
                </Form>
            }
            .into_any(),
            None => view! {
                <p>"It is off."</p>
                {begun
                    .then(|| {
                        view! {
                            <p>"You began to turn it on. Enter a code of your app, or begin anew below to see the QR code."</p>
                            {confirmation(confirm, theirs)}
                        }
                    })}
                <Form state=begin.clone()>
                    {name(again)}
                    <Password
                        state=begin
                        name="password"
                        label="Your password"
                        autocomplete="current-password"
                    />
                    <div class="row">
                        <Submit label=if begun { "Begin anew" } else { "Turn two-factor sign-in on" } quiet=true/>
                    </div>
                </Form>
            }
            .into_any(),
        };
        view! {
            <Section title="Two-factor sign-in" about=ABOUT id="two-factor">
                {body}
            </Section>
        }
        .into_any()
    }
}

fn left(count: u32) -> String {
    match count {
        0 => "No recovery code is left: make new ones.".to_owned(),
        1 => "1 recovery code is left.".to_owned(),
        count => format!("{count} recovery codes are left."),
    }
}

/// For password managers: whose password it is.
fn name(email: String) -> impl IntoView {
    view! { <input type="hidden" name="email" value=email autocomplete="username"/> }
}

/// The fields that show once more who it is.
fn proof(state: &FormState, email: String) -> impl IntoView + use<> {
    view! {
        {name(email)}
        <div class="columns">
            <Password
                state=state.clone()
                name="password"
                label="Your password"
                autocomplete="current-password"
            />
            <Text
                state=state.clone()
                name="code"
                label="Code"
                hint="Six digits that your app shows, or a recovery code."
                autocomplete="one-time-code"
                required=true
                mono=true
            />
        </div>
    }
}

fn confirmation(state: FormState, email: String) -> impl IntoView {
    view! {
        <Form state=state.clone()>
            {proof(&state, email)}
            <div class="row">
                <Submit label="Confirm"/>
            </div>
        </Form>
    }
}

/// The page with the QR code, shown this once; with the first code it is turned on.
pub fn enrolment(cx: &Cx<'_>, enrolment: &Enrolment) -> Page {
    let email = cx.viewer.as_ref().map(|viewer| viewer.email.clone()).unwrap_or_default();
    let state = cx.form("confirm", "/actions/account/two-factor/confirm");
    let (key, uri) = (enrolment.key.expose().to_owned(), enrolment.uri.expose().to_owned());
    Page::new("Two-factor sign-in", Place::Account, move || {
        view! {
            <header class="page-head">
                <h1>"Two-factor sign-in"</h1>
            </header>
            <Section
                title="Give your app the key"
                about="Any authenticator app will do. Scan the QR code, or type the key. It is shown this once."
            >
                <p>
                    <Qr text=uri label="QR code with the key"/>
                </p>
                <CopyLine id="key" text=key what="key"/>
            </Section>
            <Section title="Enter a code of it" about="Only then it counts. All your other browsers are signed out.">
                {confirmation(state, email)}
            </Section>
        }
    })
}

/// New recovery codes, shown this once.
pub fn recovery_codes(codes: &[Secret]) -> Page {
    let codes: Vec<String> = codes.iter().map(|code| code.expose().to_owned()).collect();
    Page::new("Recovery codes", Place::Account, move || {
        let all = codes.join(" ");
        let lines: Vec<_> = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect();
        view! {
            <header class="page-head">
                <h1>"Recovery codes"</h1>
            </header>
            <Section title="For the day when your phone is lost" about="Each signs you in once, in place of a code of the app.">
                <Notice tone="warn">
                    "Keep them where your password is not. They are stored as hashes only, so nobody can show them again."
                </Notice>
                <ul class="codes">{lines}</ul>
                <CopyLine id="codes" text=all what="recovery codes"/>
                <p class="row">
                    <a class="button primary" href="/account">
                        "I have kept them"
                    </a>
                </p>
            </Section>
        }
    })
}
