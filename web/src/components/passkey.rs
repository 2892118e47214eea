//! A button for a passkey, and what is said where it cannot work.

use leptos::prelude::*;

use crate::islands::PasskeyButton;

/// The button; without scripts, that it needs them.
#[component]
pub fn Passkey(
    /// What it says.
    #[prop(into)]
    label: String,
    /// Where the question comes from, below `/api/v1`.
    begin: &'static str,
    /// What is asked for there: the names of values, and the inputs that hold them; `true` for none.
    #[prop(optional)]
    asked: Vec<(String, String)>,
    /// Where the answer goes.
    finish: &'static str,
    /// What goes with it.
    #[prop(optional)]
    told: Vec<(String, String)>,
    /// The page that follows.
    #[prop(into)]
    to: String,
) -> AnyView {
    view! {
        <PasskeyButton label begin=begin.into() asked finish=finish.into() told to/>
        <p class="hint asleep">"Passkeys need JavaScript."</p>
    }
    .into_any()
}
