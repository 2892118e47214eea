//! The engine does not answer: said once, on top, so that nobody takes old facts for new ones.

use leptos::prelude::*;

use super::{Ago, Notice};
use crate::api::{EngineView, Time};

/// A warning when the engine's state is not known; nothing else.
#[component]
pub fn EngineNotice(
    /// What is known.
    engine: EngineView,
    /// Now.
    now: Time,
) -> impl IntoView {
    (!engine.known).then(|| {
        let reason = engine.reason.unwrap_or_else(|| "It has not answered yet.".to_owned());
        view! {
            <Notice tone="warn">
                <strong>"The Docker engine does not answer. "</strong>
                {reason}
                " What runs goes on running; its state is shown as unknown until the engine answers."
                {engine
                    .seen_at
                    .map(|at| {
                        view! {
                            " It answered last "
                            <Ago at now/>
                            "."
                        }
                    })}
            </Notice>
        }
    })
}
