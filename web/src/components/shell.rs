//! The document around every page: head, navigation, what was just done, and the loader.

use leptos::prelude::*;

use super::{Brand, Icon, Notice};
use crate::{api::Viewer, assets, http::Done, islands::ThemeToggle};

/// Which part of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Projects and apps.
    Projects,
    /// The cluster's machines.
    Nodes,
    /// Keys and tokens for others.
    Credentials,
    /// Certificates of all hosts.
    Certificates,
    /// The team's people.
    Team,
    /// Who did what.
    Audit,
    /// The instance.
    Instance,
    /// The person.
    Account,
    /// Nowhere: login, setup, errors. Without navigation if nobody is signed in.
    Gate,
}

/// What the document needs to know.
pub struct Document {
    /// The page's title.
    pub title: String,
    /// Where it belongs.
    pub place: Place,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// `auto`, `light` or `dark`.
    pub theme: &'static str,
    /// Of this response.
    pub nonce: String,
    /// The page's path: where the colours' form comes back to.
    pub path: String,
    /// What was just done.
    pub done: Option<Done>,
}

/// The whole document; `body` is the page.
#[component]
pub fn Shell(
    /// What it needs to know.
    document: Document,
    /// The page.
    children: Children,
) -> AnyView {
    let Document { title, place, viewer, theme, nonce, path, done } = document;
    let title = format!("{title} · Skep");
    let loader = assets::islands().map(|(js, wasm)| {
        let script = LOADER.replace("$JS", js).replace("$WASM", wasm);
        view! {
            <link rel="modulepreload" href=js nonce=nonce.clone()/>
            <script type="module" nonce=nonce.clone() inner_html=script></script>
        }
    });
    let elsewhere = viewer.as_ref().and_then(|viewer| viewer.sign_in_at.clone()).filter(|at| *at != path);
    let main = view! {
        <main id="main" tabindex="-1" class=if viewer.is_some() { "main" } else { "gate" }>
            {done.map(|done| view! { <Notice tone="good">{done.text()}</Notice> })}
            {elsewhere
                .map(|at| {
                    view! {
                        <Notice tone="warn">
                            "Your team takes single sign-on only, so you see nothing of it here. "
                            <a href=at>"Sign in through its provider"</a>
                        </Notice>
                    }
                })}
            {children()}
        </main>
    };
    let top = viewer.map(|viewer| view! { <Navigation place viewer theme path/> });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <title>{title}</title>
                <link rel="stylesheet" href=assets::stylesheet()/>
                <link rel="icon" href=assets::icon() type="image/svg+xml"/>
                {loader}
            </head>
            <body>
                <a class="skip" href="#main">
                    "Skip to content"
                </a>
                {top}
                {main}
            </body>
        </html>
    }
    .into_any()
}

/// Fetches the wasm and wakes each island on the page by the name that the server gave it. The
/// number behind the name depends on the compiler, so it is left out of the comparison. What was just
/// done is taken out of the address first: a page that is loaded again does not tell it again. On a phone the open tab and place are brought into sight.
const LOADER: &str = r#"const u=new URL(location);if(u.searchParams.has("done")){u.searchParams.delete("done");history.replaceState(null,"",u)}
for(const e of document.querySelectorAll(".bar nav [aria-current],.tabs [aria-current]"))e.scrollIntoView({block:"nearest",inline:"center"});
import("$JS").then(async m=>{await m.default({module_or_path:"$WASM"});m.hydrate();
const by={};for(const n of Object.keys(m))by[n.replace(/_\d+$/,"")]=m[n];
for(const e of document.querySelectorAll("leptos-island"))by[e.dataset.component.replace(/_\d+$/,"")]?.(e);
document.documentElement.dataset.live=""})"#;

/// The bar with all places, and who is signed in.
#[component]
fn Navigation(place: Place, viewer: Viewer, theme: &'static str, path: String) -> AnyView {
    let entry = |to: Place, path: &'static str, icon: &'static str, text: &'static str| {
        let current = (to == place).then_some("page");
        view! {
            <a href=path aria-current=current>
                <Icon name=icon/>
                <span>{text}</span>
            </a>
        }
    };
    let whole = match &viewer.team {
        Some(team) => format!("{} in {team}", viewer.email),
        None => viewer.email.clone(),
    };
    view! {
        <header class="bar">
            <Brand/>
            <nav aria-label="Main">
                {entry(Place::Projects, "/", "overview", "Projects")}
                {viewer.owner.then(|| entry(Place::Nodes, "/nodes", "nodes", "Nodes"))}
                {viewer
                    .may("credentials")
                    .then(|| entry(Place::Credentials, "/credentials", "key", "Credentials"))}
                {entry(Place::Certificates, "/certificates", "lock", "Certificates")}
                {entry(Place::Team, "/team", "team", "Team")}
                {viewer.may("audit").then(|| entry(Place::Audit, "/audit", "clock", "Audit log"))}
                {viewer.owner.then(|| entry(Place::Instance, "/instance", "settings", "Instance"))}
                {entry(Place::Account, "/account", "person", "Account")}
            </nav>
            <div class="bar-end">
                <form method="post" action="/actions/theme" class="theme" aria-label="Colours">
                    <input type="hidden" name="back" value=path/>
                    <ThemeToggle theme=theme.to_owned()/>
                </form>
                <form method="post" action="/actions/logout" class="who">
                    <span title=whole>{viewer.email}</span>
                    <button type="submit" class="button small">
                        "Sign out"
                    </button>
                </form>
            </div>
        </header>
    }
    .into_any()
}
