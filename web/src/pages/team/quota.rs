//! What the team may have at most and what it uses.

use leptos::prelude::*;

use crate::{
    api::{QuotaRow, TeamView},
    components::{Form, Section, Submit, Text},
    http::FormState,
};

/// What is used, and for the owner of the instance the form.
pub(super) fn section(team: &TeamView, form: FormState, owner: bool) -> impl IntoView + use<> {
    let rows: Vec<_> = team.quota.iter().cloned().map(row).collect();
    let fields: Vec<_> = team.quota.iter().map(|row| field(row, &form)).collect();
    let measured = team.measured.clone().map(|text| view! { <p class="hint pad">{text}</p> });
    let open = !form.faults().is_empty();
    let change = owner.then(|| {
        view! {
            <details class="pad" open=open>
                <summary>"Change the quota"</summary>
                <Form state=form>
                    <div class="columns">{fields}</div>
                    <div class="row">
                        <Submit label="Set quota" quiet=true/>
                    </div>
                </Form>
            </details>
        }
    });
    (!rows.is_empty()).then(|| {
        view! {
            <Section
                title="Quota"
                about="What the team may have at most; the owner of this instance sets it. What is more goes on, and nothing is added to it."
            >
                <ul class="list">{rows}</ul>
                {measured}
                {change}
            </Section>
        }
    })
}

fn row(row: QuotaRow) -> impl IntoView {
    let used = row.used.unwrap_or_else(|| "not measured".to_owned());
    let text = match row.quota {
        Some(quota) => format!("{used} of {quota}"),
        None => format!("{used}, no bound"),
    };
    let meter = row.percent.map(|percent| {
        let name = row.title.clone();
        view! { <meter aria-label=name min="0" max="100" high="90" value=percent.to_string()></meter> }
    });
    view! {
        <li class="line">
            <span class="grow">
                <strong>{row.title}</strong>
                <small class="quiet">{text}</small>
            </span>
            {row.over.then(|| view! { <span class="badge" data-tone="bad">"over"</span> })}
            {meter}
        </li>
    }
}

fn field(row: &QuotaRow, form: &FormState) -> impl IntoView + use<> {
    let hint = match row.key.as_str() {
        "nano_cpus" => "`2` or `0.5`; empty: no bound",
        "memory" | "storage" => "`512m` or `8g`; empty: no bound",
        _ => "Empty: no bound",
    };
    view! { <Text state=form.clone() name=row.key.clone() label=row.title.clone() value=row.typed.clone() hint/> }
}
