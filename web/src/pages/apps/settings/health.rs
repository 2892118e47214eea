//! How to know that the app is healthy.

use leptos::prelude::*;

use super::{number, shown};
use crate::{
    api::{Check, Health},
    components::{Area, Pick, Section, Text},
    http::FormState,
};

/// The health check.
pub fn fields(form: &FormState, health: Option<&Health>) -> impl IntoView + use<> {
    let (mut kind, mut path, mut port, mut command) = ("", "/".to_owned(), None, String::new());
    match health.map(|health| &health.check) {
        None => {}
        Some(Check::Http { path: stored, port: p }) => (kind, path, port) = ("http", stored.clone(), *p),
        Some(Check::Tcp { port: p }) => (kind, port) = ("tcp", *p),
        Some(Check::Command { command: words }) => (kind, command) = ("command", words.join("\n")),
        Some(Check::Image) => kind = "image",
        Some(Check::None) => kind = "none",
    }
    let options = [
        ("", "Default: the image's own check, else a connection to the port"),
        ("http", "HTTP: GET a path answers 200 to 399"),
        ("tcp", "TCP: the port accepts a connection"),
        ("command", "Command in the container ends with 0"),
        ("image", "The image's own check"),
        ("none", "None: only that the process lives"),
    ]
    .map(|(value, text)| (value.to_owned(), text.to_owned()))
    .to_vec();
    let text = |name: &'static str, label: &'static str, value: String, default: &'static str| {
        view! { <Text state=form.clone() name label value placeholder=default mono=true/> }
    };
    let of = |pick: fn(&Health) -> Option<&str>| shown(health.and_then(pick));
    let content = view! {
    <Pick state=form.clone() name="settings.health.kind" label="Check" value=kind options/>
    <div class="for for-http stack">
        <div class="columns">
            <Text
                state=form.clone()
                name="settings.health.path"
                label="Path"
                value=path
                mono=true
            />
        </div>
    </div>
    <div class="for for-http for-tcp stack">
        <Text
            state=form.clone()
            name="settings.health.port"
            label="Port to check"
            value=number(port)
            placeholder="the app's port"
            mono=true
        />
    </div>
    <div class="for for-command stack">
        <Area
            state=form.clone()
            name="settings.health.command"
            label="Program and arguments"
            value=command
            hint="One a line."
        />
    </div>
    <div class="columns">
        {text("settings.health.interval", "Every", of(|h| h.interval.as_deref()), "5s")}
        {text("settings.health.timeout", "One check takes at most", of(|h| h.timeout.as_deref()), "3s")}
        {text(
            "settings.health.retries",
            "Sick after failures in a row",
            number(health.and_then(|h| h.retries)),
            "3",
        )}
        {text(
            "settings.health.start_period",
            "Failures do not count for the first",
            of(|h| h.start_period.as_deref()),
            "60s",
        )}
    </div>
    };
    view! {
        <Section
            title="Health"
            id="health"
            about="A new version takes over only when this holds. The check runs inside the container; the image needs no shell and no curl."
        >
            {content}
        </Section>
    }
}
