//! Signing in through a provider: the team's own login page, and what is told when it fails.

use leptos::prelude::*;

use crate::{
    api::{Offer, Result},
    components::{Brand, Notice, Place},
    http::{Cx, safe_path},
    pages::Page,
};

/// The buttons of providers, leading on to `next` after that.
pub fn buttons(offers: Vec<Offer>, next: &str) -> impl IntoView + use<> {
    let next: String = form_urlencoded::byte_serialize(safe_path(next).as_bytes()).collect();
    let buttons: Vec<_> = offers
        .into_iter()
        .map(|offer| {
            let to = format!("/login/go/{}?next={next}", offer.id);
            view! {
                <a class="button" href=to rel="nofollow">
                    {format!("Sign in with {}", offer.name)}
                </a>
            }
        })
        .collect();
    view! { <div class="stack">{buttons}</div> }
}

/// The login page of a team.
pub async fn team(cx: &Cx<'_>, team: &str) -> Result<Page> {
    let (name, offers) = cx.api.offers(Some(team)).await?;
    let name = name.unwrap_or_default();
    let next = cx.query.text("next").to_owned();
    Ok(Page::new(format!("Sign in to {name}"), Place::Gate, move || {
        view! {
            <section class="card narrow">
                <Brand/>
                <h1>{format!("Sign in to {name}")}</h1>
                {buttons(offers, &next)}
                <p class="hint">
                    <a href="/login">"Sign in with a password"</a>
                </p>
            </section>
        }
    }))
}

/// What a provider, or we, had against it.
pub fn refused(cx: &Cx<'_>, why: String) -> Page {
    let (back, text) =
        if cx.viewer.is_some() { ("/account", "To my account") } else { ("/login", "Begin anew") };
    let mut page = Page::new("Not signed in", Place::Gate, move || {
        view! {
            <section class="card narrow">
                <Brand/>
                <h1>"That did not work"</h1>
                <Notice tone="bad">{why}</Notice>
                <p class="row">
                    <a class="button primary" href=back>
                        {text}
                    </a>
                </p>
            </section>
        }
    });
    page.status = 401;
    page
}
