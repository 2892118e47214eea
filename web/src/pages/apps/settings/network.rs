//! Published ports, names, networks, labels.

use leptos::prelude::*;

use super::shown;
use crate::{
    api::{Publish, Settings},
    components::{Area, Pick, Section, Text},
    http::FormState,
};

/// How it is reached beside its domains.
pub fn fields(form: &FormState, set: &Settings) -> impl IntoView + use<> {
    let rows: Vec<_> = form
        .rows("settings.publish", set.publish.len())
        .into_iter()
        .map(|n| row(form, n, set.publish.get(n)))
        .collect();
    let labels =
        set.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("\n");
    let area = |name: &'static str, label: &'static str, value: String, hint: &'static str| {
        view! { <Area state=form.clone() name label value rows=2 hint/> }
    };
    let content = view! {
    {rows}
    <div class="columns">
        {area("settings.aliases", "Further names", set.aliases.join("\n"), "Other apps find it by these too.")}
        {area("settings.networks", "Further networks", set.networks.join("\n"), "Overlay networks of this environment.")}
        {area("settings.labels", "Labels", labels, "NAME=value lines, on the containers.")}
    </div>
    };
    view! {
        <Section title="Network" id="network" about="Domains need nothing of this. Ports are for what is not HTTP.">
            {content}
        </Section>
    }
}

fn row(form: &FormState, n: usize, publish: Option<&Publish>) -> impl IntoView + use<> {
    let at = |field: &str| format!("settings.publish[{n}].{field}");
    let port = |pick: fn(&Publish) -> u16| publish.map(|p| pick(p).to_string()).unwrap_or_default();
    let protocol = shown(publish.and_then(|p| p.protocol.as_deref()));
    let mode = shown(publish.and_then(|p| p.mode.as_deref()));
    let protocols = [("", "TCP"), ("udp", "UDP")].map(|(v, t)| (v.to_owned(), t.to_owned())).to_vec();
    let modes = [("", "The node where it runs"), ("ingress", "Every node")]
        .map(|(v, t)| (v.to_owned(), t.to_owned()))
        .to_vec();
    view! {
        <fieldset class="mount">
            <legend>{format!("Published port {}", n + 1)}</legend>
            <div class="columns">
                <Text
                    state=form.clone()
                    name=at("published")
                    label="Port on the node"
                    value=port(|p| p.published)
                    kind="port"
                    mono=true
                />
                <Text
                    state=form.clone()
                    name=at("target")
                    label="Port in the container"
                    value=port(|p| p.target)
                    kind="port"
                    mono=true
                />
                <Pick state=form.clone() name=at("protocol") label="Protocol" value=protocol options=protocols/>
                <Pick state=form.clone() name=at("mode") label="Reached on" value=mode options=modes/>
            </div>
        </fieldset>
    }
}
