//! The engine does not answer: said once, on top, so that nobody takes old facts for new ones.

use leptos::prelude::*;

use super::{Ago, Notice, sentence};
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
        let reason = engine.reason.as_deref().map_or("It has not answered yet.".to_owned(), sentence);
        view! {
            <Notice tone="warn">
                <strong>"The state of the cluster is unknown. "</strong>
                {reason}
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
