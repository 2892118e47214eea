//! The part of a form that says where an app comes from. Only the fields of the chosen kind are
//! seen, by CSS; all are sent.

use leptos::prelude::*;

use crate::{
    api::{CredentialKind, CredentialView, Follow, Source},
    components::{Area, Card, Cards, Pick, Text},
    http::FormState,
};

/// The kinds, as cards.
fn kinds() -> Vec<Card> {
    vec![
        Card { value: "git", title: "Git repository", text: "Built from a branch or tags.", icon: "branch" },
        Card { value: "image", title: "Image", text: "From a registry, run as it is.", icon: "image" },
        Card { value: "compose", title: "Compose file", text: "Several services as one app.", icon: "file" },
        Card {
            value: "upload",
            title: "Upload",
            text: "An archive, by page or command line.",
            icon: "upload",
        },
    ]
}

/// The fields of all kinds.
#[component]
pub fn SourceFields(
    /// The form.
    state: FormState,
    /// What is stored.
    source: Source,
    /// The credentials to choose from.
    credentials: Vec<CredentialView>,
) -> impl IntoView {
    let kind = source.kind();
    let of_git = matches!(source, Source::Git { .. });
    let (mut url, mut image, mut compose) = (String::new(), String::new(), String::new());
    let (mut follow, mut target, mut watch) = ("branch", "main".to_owned(), String::new());
    let mut chosen = String::new();
    match source {
        Source::Git { url: stored, follow: stored_follow, credential, watch: globs } => {
            url = stored;
            watch = globs.join("\n");
            chosen = credential.map(|id| id.0).unwrap_or_default();
            (follow, target) = match stored_follow {
                Follow::Branch { branch } => ("branch", branch),
                Follow::Tags { pattern } => ("tags", pattern),
                Follow::Commit { sha } => ("commit", sha),
            };
        }
        Source::Image { image: stored, credential } => {
            image = stored;
            chosen = credential.map(|id| id.0).unwrap_or_default();
        }
        Source::Compose { text } => compose = text,
        Source::Upload { .. } => {}
    }
    let choose = |git: bool| -> Vec<(String, String)> {
        let none = (String::new(), "None: it is public".to_owned());
        // Who may not see the one that is chosen keeps it all the same.
        let hidden = !chosen.is_empty() && git == of_git && credentials.iter().all(|c| c.id.0 != chosen);
        let hidden = hidden.then(|| (chosen.clone(), "The one that is chosen now".to_owned()));
        let fit = credentials.iter().filter(|c| git == (c.kind != CredentialKind::Registry));
        let name = |c: &CredentialView| format!("{} ({}, of {})", c.title, c.host, c.place_name);
        std::iter::once(none).chain(hidden).chain(fit.map(|c| (c.id.to_string(), name(c)))).collect()
    };
    let (for_git, for_image) = (choose(true), choose(false));
    let follows = [("branch", "A branch"), ("tags", "Tags that match"), ("commit", "One commit")]
        .map(|(value, text)| (value.to_owned(), text.to_owned()))
        .to_vec();
    view! {
        <Cards state=state.clone() name="source.kind" label="Where does it come from?" value=kind cards=kinds()/>
        <div class="for for-git stack">
            <Text
                state=state.clone()
                name="source.url"
                label="Repository"
                value=url
                placeholder="https://github.com/acme/shop.git or git@github.com:acme/shop.git"
                mono=true
            />
            <div class="columns">
                <Pick
                    state=state.clone()
                    name="source.follow.kind"
                    label="Follow"
                    value=follow
                    options=follows
                />
                <Text
                    state=state.clone()
                    name="source.follow.target"
                    label="Branch, pattern or commit"
                    value=target
                    mono=true
                    hint="main, v*, or a full commit id"
                />
            </div>
            <Pick
                state=state.clone()
                name="source.git_credential"
                label="Credential"
                value=chosen.clone()
                options=for_git
                hint="Private repositories need one: see Credentials."
            />
            <Area
                state=state.clone()
                name="source.watch"
                label="Watch paths"
                value=watch
                rows=2
                optional=true
                hint="One glob a line: pushes that change none of these do not deploy."
                placeholder="shop/**"
            />
        </div>
        <div class="for for-image stack">
            <Text
                state=state.clone()
                name="source.image"
                label="Image"
                value=image
                placeholder="ghcr.io/acme/shop:1.4"
                mono=true
            />
            <Pick
                state=state.clone()
                name="source.registry_credential"
                label="Credential"
                value=chosen
                options=for_image
            />
        </div>
        <div class="for for-compose stack">
            <Area
                state=state
                name="source.text"
                label="Compose file"
                value=compose
                rows=14
                placeholder="services:\n  web:\n    image: nginx:1.27"
            />
        </div>
        <p class="for for-upload hint">
            "After this, upload an archive on the app's page, or run skep deploy in the app's folder."
        </p>
    }
}
