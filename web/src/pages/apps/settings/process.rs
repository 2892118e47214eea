//! Port, command, user, limits.

use leptos::prelude::*;

use super::{number, shown};
use crate::{
    api::Settings,
    components::{Area, Section, Text, Tick},
    http::FormState,
};

/// How the process runs, and what it may use.
pub fn fields(form: &FormState, set: &Settings) -> impl IntoView + use<> {
    let lines = |words: Option<&Vec<String>>| words.map(|words| words.join("\n")).unwrap_or_default();
    let text = |name: &'static str,
                label: &'static str,
                value: String,
                default: &'static str,
                hint: &'static str| {
        view! {
            <Text state=form.clone() name label value placeholder=default hint mono=true/>
        }
    };
    let resources = &set.resources;
    let part_1 = view! {
    <div class="columns">
        {text("settings.port", "Port", number(set.port), "none", "Set as PORT too.")}
        {text("settings.user", "User", shown(set.user.as_deref()), "the image's", "uid, uid:gid or a name")}
        {text("settings.workdir", "Working folder", shown(set.workdir.as_deref()), "the image's", "")}
    </div>
    <div class="columns">
        <Area
            state=form.clone()
            name="settings.entrypoint"
            label="Entrypoint"
            value=lines(set.entrypoint.as_ref())
            rows=2
            hint="One word a line, in place of the image's. No shell is involved."
        />
        <Area
            state=form.clone()
            name="settings.command"
            label="Command"
            value=lines(set.command.as_ref())
            rows=2
            hint="One argument a line."
        />
    </div>
    <div class="columns">
        {text("settings.stop_grace", "Time to stop", shown(set.stop_grace.as_deref()), "10s", "Then it is killed.")}
        {text(
            "settings.drain",
            "Serve on before a stop",
            shown(set.drain.as_deref()),
            "5s",
            "While the edge lets go of a task. Only where a domain leads to.",
        )}
        {text("settings.stop_signal", "Stop signal", shown(set.stop_signal.as_deref()), "SIGTERM", "")}
    </div>
    <Area
        state=form.clone()
        name="settings.required"
        label="Required variables"
        value=set.required.join("\n")
        rows=2
        optional=true
        hint="One name a line. While one of them is missing or empty, nothing is deployed."
    />
    <Tick
        state=form.clone()
        name="settings.init"
        label="Run an init as first process"
        checked=set.init.unwrap_or(true)
        hint="It passes signals on and collects ended children."
    />
    <Tick
        state=form.clone()
        name="settings.read_only"
        label="The image's files cannot be written"
        checked=set.read_only
    />
    };
    let part_2 = view! {
    <div class="columns">
        {text("settings.resources.cpus", "CPU limit", shown(resources.cpus.as_deref()), "none", "0.5 is half a core.")}
        {text("settings.resources.memory", "Memory limit", shown(resources.memory.as_deref()), "none", "256m, 1g")}
        {text("settings.resources.pids", "Process limit", number(resources.pids), "none", "")}
        {text(
            "settings.resources.reserve_cpus",
            "CPU reserved",
            shown(resources.reserve_cpus.as_deref()),
            "none",
            "",
        )}
        {text(
            "settings.resources.reserve_memory",
            "Memory reserved",
            shown(resources.reserve_memory.as_deref()),
            "none",
            "",
        )}
    </div>
    };
    view! {
        <Section title="Process" id="process">
            {part_1}
        </Section>
        <Section title="Resources" id="resources" about="Limits are hard; reservations keep room on a node.">
            {part_2}
        </Section>
    }
}
