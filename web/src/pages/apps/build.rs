//! The part of a form that says how an app becomes an image.

use leptos::prelude::*;

use crate::{
    api::Build,
    components::{Area, Card, Cards, Text, Tick},
    http::FormState,
};

/// The kinds, as cards.
fn kinds() -> Vec<Card> {
    vec![
        Card { value: "dockerfile", title: "Dockerfile", text: "As the repository says.", icon: "file" },
        Card { value: "nixpacks", title: "Nixpacks", text: "Finds out by itself.", icon: "again" },
        Card { value: "static", title: "Static site", text: "Files served as they are.", icon: "overview" },
        Card { value: "compose", title: "Compose", text: "Several services, by its file.", icon: "nodes" },
        Card { value: "none", title: "No build", text: "The images exist already.", icon: "image" },
    ]
}

/// The fields of all kinds.
#[component]
pub fn BuildFields(
    /// The form.
    state: FormState,
    /// What is stored.
    stored: Build,
) -> impl IntoView {
    let kind = stored.kind();
    let (mut path, mut context, mut target, mut args, mut secrets) =
        ("Dockerfile".to_owned(), String::new(), String::new(), String::new(), String::new());
    let (mut no_cache, mut folder, mut single, mut nix) = (false, String::new(), false, String::new());
    let (mut compose, mut overrides) = (String::new(), String::new());
    match stored {
        Build::None => {}
        Build::Dockerfile { path: p, context: c, target: t, args: a, secrets: s, no_cache: n } => {
            (path, context, target, no_cache) = (p, c, t.unwrap_or_default(), n);
            args = a.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("\n");
            secrets = s.join("\n");
        }
        Build::Static { folder: f, single_page } => (folder, single) = (f, single_page),
        Build::Nixpacks { folder: f } => nix = f,
        Build::Compose { path: p, overrides: o } => (compose, overrides) = (p, o.join("\n")),
    }
    view! {
        <Cards state=state.clone() name="build.kind" label="How is it built?" value=kind cards=kinds()/>
        <div class="for for-dockerfile stack">
            <div class="columns">
                <Text state=state.clone() name="build.path" label="Dockerfile" value=path mono=true/>
                <Text
                    state=state.clone()
                    name="build.context"
                    label="Context folder"
                    value=context
                    placeholder="the repository's top"
                    optional=true
                    mono=true
                />
                <Text
                    state=state.clone()
                    name="build.target"
                    label="Stage"
                    value=target
                    placeholder="the last one"
                    optional=true
                    mono=true
                />
            </div>
            <div class="columns">
                <Area
                    state=state.clone()
                    name="build.args"
                    label="Build arguments"
                    value=args
                    optional=true
                    hint="NAME=value lines. They stay in the image's history: no secrets."
                />
                <Area
                    state=state.clone()
                    name="build.secrets"
                    label="Build secrets"
                    value=secrets
                    optional=true
                    hint="Names of variables, one a line, for RUN --mount=type=secret,id=NAME."
                />
            </div>
            <Tick state=state.clone() name="build.no_cache" label="Build without earlier layers" checked=no_cache/>
        </div>
        <div class="for for-static stack">
            <Text
                state=state.clone()
                name="build.static_folder"
                label="Folder"
                value=folder
                placeholder="the repository's top"
                optional=true
                mono=true
            />
            <Tick
                state=state.clone()
                name="build.single_page"
                label="Answer index.html for unknown paths"
                checked=single
            />
        </div>
        <div class="for for-compose-build stack">
            <Text
                state=state.clone()
                name="build.compose_path"
                label="Compose file"
                value=compose
                placeholder="compose.yaml"
                optional=true
                mono=true
                hint="Its builds are made from the repository; a domain leads to the service that it names."
            />
            <Area
                state=state.clone()
                name="build.overrides"
                label="More Compose files"
                value=overrides
                optional=true
                hint="Paths, one a line: merged onto the first in this order, as docker compose -f does. Paths within all files begin at the folder of the first."
            />
        </div>
        <div class="for for-nixpacks stack">
            <Text
                state=state
                name="build.nixpacks_folder"
                label="Folder"
                value=nix
                placeholder="the repository's top"
                optional=true
                mono=true
            />
        </div>
    }
}
