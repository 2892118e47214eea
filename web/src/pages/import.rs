//! What an import of variables would do, before it does: names, never values.

use leptos::prelude::*;

use super::Page;
use crate::{
    api::ImportPreview,
    components::{Notice, Place, Section},
    http::Cx,
};

/// The page that shows it, and does it if it is sent again.
pub fn shown_import(cx: &Cx<'_>, preview: ImportPreview, back: String) -> Page {
    let action = format!("{}/confirm", cx.path);
    Page::new("Import variables", Place::Projects, move || {
        let ImportPreview { added, changed, unchanged, removed, draft } = preview;
        let nothing = added.is_empty() && changed.is_empty() && removed.is_empty();
        let about = format!(
            "{} added, {} changed, {} taken away, {} as they are. Values are never shown.",
            added.len(),
            changed.len(),
            removed.len(),
            unchanged.len()
        );
        let lines: Vec<_> =
            [("added", added), ("changed", changed), ("taken away", removed), ("unchanged", unchanged)]
                .into_iter()
                .flat_map(|(fate, keys)| keys.into_iter().map(move |key| line(key, fate)))
                .collect();
        let confirm = (!nothing).then(|| {
            view! {
                <form method="post" action=action>
                    <input type="hidden" name="draft" value=draft/>
                    <button type="submit" class="button primary">
                        "Save these"
                    </button>
                </form>
            }
        });
        view! {
            <header class="page-head">
                <h1>"Import variables"</h1>
            </header>
            {nothing.then(|| view! { <Notice tone="info">"Nothing would change: all of them are as they are."</Notice> })}
            <Section title="What would change" about>
                <ul class="list">{lines}</ul>
                <p class="hint">
                    "Nothing was saved yet. If somebody changes a variable meanwhile, nothing is, and this is to be shown again."
                </p>
                <div class="row">
                    {confirm} <a class="button" href=back>
                        "Back"
                    </a>
                </div>
            </Section>
        }
    })
}

fn line(key: String, fate: &'static str) -> AnyView {
    view! {
        <li class="line">
            <span class="grow">
                <code>{key}</code>
            </span>
            <span class="tag">{fate}</span>
        </li>
    }
    .into_any()
}
