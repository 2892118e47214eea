//! A line to copy.

use leptos::prelude::*;

use crate::islands::CopyButton;

/// A text in fixed width with a button that copies it.
#[component]
pub fn CopyLine(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, for screen readers: `webhook address`.
    #[prop(into)]
    what: String,
) -> AnyView {
    view! {
        <div class="copy-line">
            <code id=id.clone() tabindex="0">
                {text}
            </code>
            <CopyButton of=id what/>
        </div>
    }
    .into_any()
}
