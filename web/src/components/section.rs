//! A part of a page with its own heading.

use leptos::prelude::*;

/// A card with a heading, a sentence about it, and its content.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// What it is about.
    #[prop(into, optional)]
    about: String,
    /// Where links lead to: `#domains`.
    #[prop(optional)]
    id: &'static str,
    /// The content.
    children: Children,
) -> AnyView {
    let id = Some(id).filter(|id| !id.is_empty());
    view! {
        <section class="card" id=id>
            <header class="card-head">
                <h2>{title}</h2>
                {(!about.is_empty()).then(|| view! { <p>{about}</p> })}
            </header>
            {children()}
        </section>
    }
    .into_any()
}
