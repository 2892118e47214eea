//! Follows what a running app says, or what comes to it. Without it the page shows the last lines and is
//! reloaded.

use leptos::prelude::*;

/// Follows a stream of an app's lines into `#log`, with a pause button and a filter.
#[island]
pub fn AppLog(
    /// Where it is: `/events/apps/ID/logs?tail=300`. It begins with the lines that the page shows.
    path: String,
) -> impl IntoView {
    let link = RwSignal::new("Connecting…");
    let paused = RwSignal::new(false);
    let filter = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::follow(&path, link, paused, filter);
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
    view! {
        <div class="log-tools needs-script">
            <label class="unseen" for="log-filter">"Show only lines with"</label>
            <input
                id="log-filter"
                type="search"
                placeholder="Filter lines (times in UTC)"
                autocomplete="off"
                on:input=move |event| filter.set(event_target_value(&event))
            />
            <button
                type="button"
                class="button small"
                aria-pressed=move || paused.get().to_string()
                on:click=move |_| paused.update(|paused| *paused = !*paused)
            >
                {move || if paused.get() { "Resume" } else { "Pause" }}
            </button>
            <span class="live" role="status" data-link=move || link.get()>
                {move || if paused.get() { "Paused" } else { link.get() }}
            </span>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;

    use super::super::{log_list::LogList, stream};
    use crate::api::AppLogEvent;

    pub(super) fn follow(
        path: &str,
        link: RwSignal<&'static str>,
        paused: RwSignal<bool>,
        filter: RwSignal<String>,
    ) {
        let Some(list) = LogList::of("log") else { return };
        let shown = list.clone();
        Effect::new(move |_| filter.with(|text| shown.filter(text)));
        let held = list.clone();
        Effect::new(move |_| held.hold(paused.get()));
        let mut first = true;
        stream::open(path, link, move |event: AppLogEvent| {
            // The stream begins with the lines that the page shows already.
            if std::mem::take(&mut first) {
                list.clear();
            }
            match event {
                AppLogEvent::Line(line) => {
                    let at = line.at.map(|at| at.clock()).unwrap_or_default();
                    list.add(&format!("{at} {}", line.replica), &line.text, line.stderr);
                }
                AppLogEvent::Gap { count } => list.add("", &format!("… {count} lines left out"), false),
                AppLogEvent::Unknown { reason } => {
                    list.add("", &format!("The engine does not answer: {reason}"), true)
                }
            }
            true
        });
    }
}
