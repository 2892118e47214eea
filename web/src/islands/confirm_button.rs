//! Asks before a form counts. Without it the server asks on a page of its own.

use leptos::prelude::*;

/// A submit button that must be pressed twice: the first press turns it into `sure`, the second
/// sends the form with `confirm=yes`. Leaving it takes the first press back.
#[island]
pub fn ConfirmButton(
    /// What it says: `Delete`.
    label: String,
    /// What it says when pressed once: `Really delete?`
    sure: String,
    /// Its classes.
    class: String,
    /// Its whole name for screen readers: `Delete DATABASE_URL`.
    name: String,
) -> impl IntoView {
    let armed = RwSignal::new(false);
    let title = if name.is_empty() { label.clone() } else { name };
    let asked = format!("{sure} {title}");
    view! {
        <button
            type="submit"
            class=class
            name="confirm"
            value=move || if armed.get() { "yes" } else { "" }
            data-armed=move || armed.get().to_string()
            aria-label=move || if armed.get() { asked.clone() } else { title.clone() }
            on:click=move |event| {
                if !armed.get_untracked() {
                    event.prevent_default();
                    armed.set(true);
                }
            }
            on:blur=move |_| armed.set(false)
        >
            {move || if armed.get() { sure.clone() } else { label.clone() }}
        </button>
    }
}
