//! Nothing here yet, and what to do next.

use leptos::prelude::*;

/// An empty state: what is missing, and below it the way on.
#[component]
pub fn Empty(
    /// What there is none of: `No domains yet`.
    #[prop(into)]
    title: String,
    /// What to do, and why it is worth it.
    #[prop(into)]
    text: String,
    /// Links or buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            {children.map(|children| view! { <div class="row center">{children()}</div> })}
        </div>
    }
    .into_any()
}
