//! Follows a running deployment: its log, its steps, its end. Without it the page is reloaded.

use leptos::prelude::*;

/// Follows `/events/deployments/{id}` from line `after` on. It adds lines to `#log`, marks the
/// steps `#step-…` and the badge `#state`, and loads the page anew when the deployment has ended,
/// which then shows why. Shows how it stands with the stream.
#[island]
pub fn DeploymentProgress(
    /// The deployment's id.
    id: String,
    /// The last line that the page shows already.
    after: i64,
) -> impl IntoView {
    let link = RwSignal::new("Connecting…");
    #[cfg(feature = "hydrate")]
    browser::follow(&id, after, link);
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, after);
    view! {
        <span class="live" role="status" data-link=move || link.get()>
            {move || link.get()}
        </span>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;

    use super::super::{log_list::LogList, stream};
    use crate::api::{DeploymentEvent, StepState};

    pub(super) fn follow(id: &str, after: i64, link: RwSignal<&'static str>) {
        let list = LogList::of("log");
        let path = format!("/events/deployments/{id}?after={after}");
        stream::open(&path, link, move |event: DeploymentEvent| match event {
            DeploymentEvent::Log(line) => {
                if let Some(list) = &list {
                    list.add(&line.at.clock(), &line.text, false);
                }
                true
            }
            DeploymentEvent::Step { step, state, started_at, finished_at } => {
                let (name, _) = step.words();
                set(&format!("step-{name}"), "data-state", state.name());
                let text = match (state, started_at, finished_at) {
                    (StepState::Running, ..) => "running".to_owned(),
                    (_, Some(start), Some(end)) => start.span(end),
                    _ => state.name().to_owned(),
                };
                if let Some(element) = document().get_element_by_id(&format!("step-{name}-time")) {
                    element.set_text_content(Some(&text));
                }
                true
            }
            DeploymentEvent::State { state, ended } => {
                if ended {
                    let _ = window().location().reload();
                    return false;
                }
                let (text, tone) = state.words();
                set("state", "data-tone", tone);
                if let Some(element) = document().get_element_by_id("state") {
                    element.set_text_content(Some(text));
                }
                true
            }
        });
    }

    fn set(id: &str, name: &str, value: &str) {
        if let Some(element) = document().get_element_by_id(id) {
            let _ = element.set_attribute(name, value);
        }
    }
}
