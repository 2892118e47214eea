//! What differs: a table of fields, before and after.

use leptos::prelude::*;

use super::Empty;
use crate::api::{ChangeView, PlanAction, PlanVerb};

/// Changed fields; secrets are never in it.
#[component]
pub fn Changes(
    /// The fields.
    changes: Vec<ChangeView>,
    /// What they belong to, for screen readers.
    #[prop(into)]
    of: String,
) -> AnyView {
    let side = |text: Option<String>, class: &'static str| match text {
        Some(text) => view! { <code class=class>{text}</code> }.into_any(),
        None => view! { <span class="quiet">"absent"</span> }.into_any(),
    };
    let rows: Vec<_> = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr>
                    <th scope="row">{change.path}</th>
                    <td>{side(change.from, "minus")}</td>
                    <td>{side(change.to, "plus")}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=format!("Changed fields of {of}")>
            <table class="changes">
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        <th scope="col">"Before"</th>
                        <th scope="col">"After"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The engine's actions of a plan, in order, or that there are none.
#[component]
pub fn PlanList(
    /// The actions.
    actions: Vec<PlanAction>,
) -> AnyView {
    if actions.is_empty() {
        return view! {
            <Empty title="Nothing to do" text="What runs is already as wanted; no task is restarted."/>
        }
        .into_any();
    }
    let rows: Vec<_> = actions
        .into_iter()
        .map(|action| {
            let (verb, tone) = match action.verb {
                PlanVerb::Create => ("Create", "good"),
                PlanVerb::Update => ("Update", "busy"),
                PlanVerb::Remove => ("Remove", "bad"),
            };
            let changes = action.changes;
            let of = format!("{} {}", action.what, action.name);
            view! {
                <li>
                    <p class="row">
                        <span class="verb" data-tone=tone>
                            {verb}
                        </span>
                        <span>{action.what}</span>
                        <code>{action.name}</code>
                        {action
                            .restarts
                            .then(|| view! { <span class="quiet">"replaces its tasks"</span> })}
                    </p>
                    {(!changes.is_empty()).then(|| view! { <Changes changes of/> })}
                </li>
            }
        })
        .collect();
    view! { <ol class="plan">{rows}</ol> }.into_any()
}
