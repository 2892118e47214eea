//! Volumes, config files and memory. One empty row is always there; saving gives another.

use leptos::prelude::*;

use super::shown;
use crate::{
    api::Mount,
    components::{Area, Pick, Section, Text, Tick},
    http::FormState,
};

/// The rows of mounts.
pub fn fields(form: &FormState, mounts: &[Mount]) -> impl IntoView + use<> {
    let rows: Vec<_> =
        form.rows("settings.mounts", mounts.len()).into_iter().map(|n| row(form, n, mounts.get(n))).collect();
    view! {
        <Section
            title="Mounts"
            id="mounts"
            about="A volume lives on one node and ties the app to it. To remove a row, choose None and save; saving gives a new empty row."
        >
            {rows}
        </Section>
    }
}

fn row(form: &FormState, n: usize, mount: Option<&Mount>) -> impl IntoView + use<> {
    let at = |field: &str| format!("settings.mounts[{n}].{field}");
    let (kind, mut name, mut target, mut read_only) = match mount {
        None => ("", String::new(), String::new(), false),
        Some(Mount::Volume { .. }) => ("volume", String::new(), String::new(), false),
        Some(Mount::File { .. }) => ("file", String::new(), String::new(), false),
        Some(Mount::Tmpfs { .. }) => ("tmpfs", String::new(), String::new(), false),
    };
    let (mut content, mut mode, mut size) = (String::new(), String::new(), String::new());
    match mount.cloned() {
        None => {}
        Some(Mount::Volume { name: n, target: t, read_only: r }) => (name, target, read_only) = (n, t, r),
        Some(Mount::File { target: t, content: c, mode: m }) => {
            (target, content, mode) = (t, c, shown(m.as_deref()));
        }
        Some(Mount::Tmpfs { target: t, size: s }) => (target, size) = (t, shown(s.as_deref())),
    }
    let options = [("", "None"), ("volume", "Volume"), ("file", "Config file"), ("tmpfs", "Memory")]
        .map(|(value, text)| (value.to_owned(), text.to_owned()))
        .to_vec();
    view! {
        <fieldset class="mount">
            <legend>{format!("Mount {}", n + 1)}</legend>
            <div class="columns">
                <Pick state=form.clone() name=at("kind") label="Kind" value=kind options/>
                <div class="for for-volume for-file for-tmpfs">
                    <Text
                        state=form.clone()
                        name=at("target")
                        label="Path in the container"
                        value=target
                        placeholder="/data"
                        mono=true
                    />
                </div>
                <div class="for for-volume">
                    <Text state=form.clone() name=at("name") label="Volume's name" value=name placeholder="data" mono=true/>
                </div>
                <div class="for for-file">
                    <Text
                        state=form.clone()
                        name=at("mode")
                        label="Permissions"
                        value=mode
                        placeholder="0444"
                        mono=true
                    />
                </div>
                <div class="for for-tmpfs">
                    <Text
                        state=form.clone()
                        name=at("size")
                        label="Size"
                        value=size
                        placeholder="64m"
                        mono=true
                    />
                </div>
            </div>
            <div class="for for-volume">
                <Tick state=form.clone() name=at("read_only") label="The container cannot write it" checked=read_only/>
            </div>
            <div class="for for-file">
                <Area state=form.clone() name=at("content") label="Content" value=content rows=5/>
            </div>
        </fieldset>
    }
}
