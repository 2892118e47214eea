//! Follows the deployment that an app's pages tell of, without touching the rest of the page: what was
//! entered there stays.

use leptos::prelude::*;

/// Says how deployment `number` stands; follows `/events/deployments/{id}` until it has ended.
#[island]
pub fn ActiveDeployment(
    /// The deployment's id.
    id: String,
    /// Its number.
    number: i64,
    /// Its state as a word: `Building`.
    word: String,
) -> impl IntoView {
    let told = RwSignal::new((word, false));
    #[cfg(feature = "hydrate")]
    browser::follow(&id, told);
    #[cfg(not(feature = "hydrate"))]
    let _ = &id;
    let text = move || told.with(|(word, _)| format!("Deployment #{number}: {}", word.to_lowercase()));
    let ended = move || told.with(|(_, ended)| ended.to_string());
    view! {
        <a class="running" href=format!("/deployments/{id}") data-ended=ended>
            <span class="spinner" aria-hidden="true"></span>
            <span>{text}</span>
            <span class="quiet">"Show"</span>
        </a>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;

    use super::super::stream;
    use crate::api::DeploymentEvent;

    pub(super) fn follow(id: &str, told: RwSignal<(String, bool)>) {
        let link = RwSignal::new("");
        // No line of its log is wanted: all are before this one.
        let path = format!("/events/deployments/{id}?after={}", i64::MAX);
        stream::open(&path, link, move |event: DeploymentEvent| match event {
            DeploymentEvent::State { state, ended } => {
                told.set((state.words().0.to_owned(), ended));
                !ended
            }
            _ => true,
        });
    }
}
