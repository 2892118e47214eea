//! The steps of a deployment, side by side.

use leptos::prelude::*;

use crate::api::{StepState, StepView, Time};

/// All steps in order, each with its state and time. The island marks them by id.
#[component]
pub fn Steps(
    /// The steps.
    steps: Vec<StepView>,
    /// Now, for the one that runs.
    now: Time,
) -> AnyView {
    let items: Vec<_> = steps
        .into_iter()
        .map(|step| {
            let (id, name) = step.step.words();
            let state = step.state.name();
            let time = match (step.state, step.started_at, step.finished_at) {
                (StepState::Waiting | StepState::Skipped, ..) | (_, None, _) => state.to_owned(),
                (StepState::Running, Some(start), _) => format!("running, {}", start.span(now)),
                (_, Some(start), Some(end)) => start.span(end),
                (_, Some(_), None) => state.to_owned(),
            };
            view! {
                <li id=format!("step-{id}") data-state=state>
                    <span class="step-name">{name}</span>
                    <span class="step-time" id=format!("step-{id}-time")>
                        {time}
                    </span>
                </li>
            }
        })
        .collect();
    view! { <ol class="steps">{items}</ol> }.into_any()
}
