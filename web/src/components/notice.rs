//! Something to know before reading on.

use leptos::prelude::*;

use super::Icon;

/// A box with a message; `tone` is `good`, `info`, `warn` or `bad`.
#[component]
pub fn Notice(
    /// The colour's name.
    tone: &'static str,
    /// The message.
    children: Children,
) -> AnyView {
    let icon = match tone {
        "good" => "ok",
        "info" => "info",
        _ => "warn",
    };
    let role = if tone == "bad" { "alert" } else { "status" };
    view! {
        <div class="notice" data-tone=tone role=role>
            <Icon name=icon/>
            <div>{children()}</div>
        </div>
    }
    .into_any()
}
