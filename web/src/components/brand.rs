//! The name, with the straw hive that it comes from.

use leptos::prelude::*;

/// The name as a link to the overview.
#[component]
pub fn Brand() -> AnyView {
    view! {
        <a class="brand" href="/" aria-label="Skep, overview">
            <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                <path class="hive" d="M6 25c0-11 4-19 10-19s10 8 10 19z"></path>
                <path class="straw" d="M7 21h18M8.2 17h15.6M10 13h12M12.4 9.4h7.2"></path>
                <path class="door" d="M13.5 25a2.5 3 0 0 1 5 0z"></path>
            </svg>
            "Skep"
        </a>
    }
    .into_any()
}
