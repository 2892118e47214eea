//! Replicas, updates, restarts and placement.

use leptos::prelude::*;

use super::{number, shown};
use crate::{
    api::Settings,
    components::{Area, Pick, Section, Text},
    http::FormState,
};

/// How many run, where, how they are replaced, and what happens when one ends.
pub fn fields(form: &FormState, set: &Settings) -> impl IntoView + use<> {
    let text = |name: &'static str,
                label: &'static str,
                value: String,
                default: &'static str,
                hint: &'static str| {
        view! {
            <Text state=form.clone() name label value placeholder=default hint mono=true/>
        }
    };
    let options = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(value, text)| ((*value).to_owned(), (*text).to_owned())).collect()
    };
    let order = options(&[
        ("", "Default: new first; old first where a volume is mounted"),
        ("start-first", "New first: both run for a moment, nothing is missed"),
        ("stop-first", "Old first: never two at once, with a short gap"),
    ]);
    let condition =
        options(&[("", "Always (default)"), ("on-failure", "Only when it failed"), ("none", "Never")]);
    let (update, restart, placement) = (&set.update, &set.restart, &set.placement);
    let part_1 = view! {
    <div class="columns">
        {text("settings.replicas", "Replicas", number(set.replicas), "1", "")}
        {text("settings.update.parallelism", "Replaced at once", number(update.parallelism), "1", "")}
        {text("settings.update.delay", "Pause between", shown(update.delay.as_deref()), "0s", "")}
        {text(
            "settings.update.monitor",
            "Must stay healthy for",
            shown(update.monitor.as_deref()),
            "5s",
            "Before the old one goes.",
        )}
        {text(
            "settings.update.deadline",
            "All done within",
            shown(update.deadline.as_deref()),
            "10m",
            "Else it is rolled back.",
        )}
    </div>
    <Pick
        state=form.clone()
        name="settings.update.order"
        label="Order"
        value=shown(update.order.as_deref())
        options=order
    />
    };
    let part_2 = view! {
    <Pick
        state=form.clone()
        name="settings.restart.condition"
        label="Start it again"
        value=shown(restart.condition.as_deref())
        options=condition
    />
    <div class="columns">
        {text("settings.restart.delay", "After", shown(restart.delay.as_deref()), "5s", "")}
        {text("settings.restart.max_attempts", "At most", number(restart.max_attempts), "no limit", "Starts")}
        {text("settings.restart.window", "Within", shown(restart.window.as_deref()), "any time", "")}
    </div>
    };
    let part_3 = view! {
    <div class="columns">
        <Area
            state=form.clone()
            name="settings.placement.constraints"
            label="Constraints"
            value=placement.constraints.join("\n")
            hint="One a line: node.labels.disk == ssd"
        />
        <Area
            state=form.clone()
            name="settings.placement.spread"
            label="Spread over"
            value=placement.spread.join("\n")
            hint="One a line: node.labels.zone"
        />
    </div>
    {text("settings.placement.max_per_node", "At most on one node", number(placement.max_per_node), "no limit", "")}
    };
    view! {
        <Section title="Rollout" id="rollout" about="How a new version takes over from the old one.">
            {part_1}
        </Section>
        <Section title="Restart" id="restart" about="What happens when a replica ends.">
            {part_2}
        </Section>
        <Section title="Placement" id="placement" about="Where replicas may run.">
            {part_3}
        </Section>
    }
}
