//! Copies a text that is shown beside it. Without it the text can be selected by hand.

use leptos::prelude::*;

/// A button that copies the text of the element with id `of`. Hidden until scripts run.
#[island]
pub fn CopyButton(
    /// The id of the element.
    of: String,
    /// What is copied, for screen readers: `webhook address`.
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let name = format!("Copy {what}");
    view! {
        <button
            type="button"
            class="button small copy"
            aria-label=name
            on:click=move |_| copy(&of, copied)
        >
            {move || if copied.get() { "Copied" } else { "Copy" }}
        </button>
        <span class="unseen" role="status">
            {move || if copied.get() { "Copied" } else { "" }}
        </span>
    }
}

#[cfg(feature = "hydrate")]
fn copy(of: &str, copied: RwSignal<bool>) {
    let text = document().get_element_by_id(of).and_then(|element| element.text_content());
    let clipboard = window().navigator().clipboard();
    let Some(text) = text else { return };
    leptos::task::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok() {
            copied.set(true);
            set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
        }
    });
}

#[cfg(not(feature = "hydrate"))]
fn copy(_of: &str, _copied: RwSignal<bool>) {}
