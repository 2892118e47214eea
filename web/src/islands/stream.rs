//! A server-sent event stream. The browser reconnects by itself and tells where it was.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// Opens `path` and gives each event to `each`, until it answers false. `link` says how it stands.
/// The stream lives as long as the page.
pub fn open<T: DeserializeOwned + 'static>(
    path: &str,
    link: RwSignal<&'static str>,
    mut each: impl FnMut(T) -> bool + 'static,
) {
    let Ok(source) = EventSource::new(path) else {
        link.set("Not live: reload to see more");
        return;
    };
    let closing = source.clone();
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let event = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
        if event.is_some_and(|event| !each(event)) {
            closing.close();
        }
    });
    let opened = Closure::<dyn FnMut(Event)>::new(move |_| link.set("Live"));
    let failing = source.clone();
    let failed = Closure::<dyn FnMut(Event)>::new(move |_| {
        let closed = failing.ready_state() == EventSource::CLOSED;
        link.set(if closed { "Not live: reload to see more" } else { "Reconnecting…" });
    });
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    message.forget();
    opened.forget();
    failed.forget();
}
