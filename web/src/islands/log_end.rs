//! Shows the end of a log first, as what went wrong stands there.

use leptos::prelude::*;

/// Scrolls `#log` to its end once.
#[island]
pub fn LogEnd() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    drop(super::log_list::LogList::of("log"));
}
