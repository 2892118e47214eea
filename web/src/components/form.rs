//! A form that posts to an action, with what was wrong with it last time on top.

use leptos::prelude::*;

use super::{prose, sentence};
use crate::http::FormState;

/// A form. When it was refused, a summary on top lists the faults and leads to the fields.
#[component]
pub fn Form(
    /// Its state.
    state: FormState,
    /// Its classes: `stack` (fields below each other) or `row`.
    #[prop(optional)]
    class: &'static str,
    /// It sends files.
    #[prop(optional)]
    files: bool,
    /// Its fields and buttons.
    children: Children,
) -> AnyView {
    let class = if class.is_empty() { "stack" } else { class };
    let enctype = files.then_some("multipart/form-data");
    let action = state.action.clone();
    // The fields first: the summary on top names them by their labels.
    let fields = children();
    view! {
        <form method="post" action=action class=class enctype=enctype>
            {faults(&state)}
            {fields}
        </form>
    }
    .into_any()
}

/// What is wrong with a form, each with a link to its field. It gets the focus, so that it is seen and
/// read out wherever on the page the form stands.
fn faults(state: &FormState) -> impl IntoView + use<> {
    let faults = state.faults();
    (!faults.is_empty()).then(|| {
        let lines: Vec<_> = faults
            .into_iter()
            .map(|fault| match state.field_of(&fault.field) {
                Some((id, label)) => view! {
                    <li>
                        <a href=format!("#{id}")>{label}</a>
                        ": "
                        {prose(&fault.message)}
                    </li>
                }
                .into_any(),
                None => view! { <li>{prose(&sentence(&fault.message))}</li> }.into_any(),
            })
            .collect();
        view! {
            <div class="faults" role="alert" tabindex="-1" autofocus=true>
                <ul>{lines}</ul>
            </div>
        }
    })
}

/// The button that sends a form.
#[component]
pub fn Submit(
    /// What it says.
    #[prop(into)]
    label: String,
    /// It stands beside more important ones.
    #[prop(optional)]
    quiet: bool,
) -> AnyView {
    let class = if quiet { "button" } else { "button primary" };
    view! {
        <button type="submit" class=class>
            {label}
        </button>
    }
    .into_any()
}
