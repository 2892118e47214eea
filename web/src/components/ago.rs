//! A moment, as seen from now.

use leptos::prelude::*;

use crate::api::Time;

/// `3 min ago`, with the exact time as title.
#[component]
pub fn Ago(
    /// The moment.
    at: Time,
    /// Now.
    now: Time,
) -> AnyView {
    view! { <time datetime=at.rfc3339() title=at.long()>{at.relative(now)}</time> }.into_any()
}
