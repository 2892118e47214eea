//! Replicas, updates, restarts and placement.

use leptos::prelude::*;

use super::{number, shown};
use crate::{
    api::{Settings, Share, Strategy},
    components::{Area, Pick, Section, Text},
    http::FormState,
};

/// How visitors come to a new version.
fn strategy(form: &FormState, strategy: Option<&Strategy>) -> impl IntoView + use<> {
    let options = [
        ("", "Rolling: each old one goes when a new one is proven (default)"),
        ("blue_green", "Blue/green: beside the old one, then all visitors at once, with a way back"),
        ("canary", "Canary: beside the old one, a growing share of the visitors"),
        ("recreate", "Recreate: all old ones stop first, with a gap"),
    ];
    let options = options.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let (mut kind, mut keep, mut steps, mut errors, mut latency) = ("", None, String::new(), None, None);
    match strategy {
        None | Some(Strategy::Rolling) => {}
        Some(Strategy::Recreate) => kind = "recreate",
        Some(Strategy::BlueGreen { keep: kept }) => (kind, keep) = ("blue_green", kept.clone()),
        Some(Strategy::Canary { steps: shares, max_errors, max_latency }) => {
            (kind, errors, latency) = ("canary", *max_errors, max_latency.clone());
            let line = |share: &Share| match &share.pause {
                Some(pause) => format!("{} {pause}", share.weight),
                None => share.weight.to_string(),
            };
            steps = shares.iter().map(line).collect::<Vec<_>>().join("\n");
        }
    }
    let text =
        |field: &str, label: &'static str, value: String, placeholder: &'static str, hint: &'static str| {
            let name = format!("settings.update.strategy.{field}");
            view! { <Text state=form.clone() name label value placeholder hint mono=true/> }
        };
    view! {
        <Pick
            state=form.clone()
            name="settings.update.strategy.kind"
            label="Visitors come to a new version"
            value=kind.to_owned()
            options
        />
        <div class="columns">
            {text("keep", "Blue/green: keep the old one for", shown(keep.as_deref()), "10m", "To switch back at once.")}
            {text("max_errors", "Canary: return at failed answers, percent", number(errors), "5", "")}
            {text("max_latency", "Canary: return if slower than", shown(latency.as_deref()), "not looked at", "95 of 100 answers")}
        </div>
        <Area
            state=form.clone()
            name="settings.update.strategy.steps"
            label="Canary: shares"
            value=steps
            rows=3
            hint="One a line: percent, and the pause before the next. Without a pause it waits for you. Empty: 10 5m, then 50 5m."
        />
    }
}

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
    {strategy(form, set.update.strategy.as_ref())}
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
