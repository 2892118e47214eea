//! A form that posts to an action, with what was wrong with it last time on top.

use leptos::prelude::*;

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
    view! {
        <form method="post" action=action class=class enctype=enctype>
            <Faults state=state/>
            {children()}
        </form>
    }
    .into_any()
}

/// What is wrong with a form, each with a link to its field.
#[component]
fn Faults(state: FormState) -> impl IntoView {
    let faults = state.faults();
    (!faults.is_empty()).then(|| {
        let fields = faults.iter().any(|fault| !fault.field.is_empty());
        let lines: Vec<_> = faults
            .into_iter()
            .map(|fault| {
                if fault.field.is_empty() {
                    return view! { <li>{fault.message}</li> }.into_any();
                }
                let to = format!("#{}", state.id(&fault.field));
                view! {
                    <li>
                        <a href=to>{fault.field}</a>
                        " "
                        {fault.message}
                    </li>
                }
                .into_any()
            })
            .collect();
        view! {
            <div class="faults" role="alert">
                {fields.then(|| view! { <p>"Some fields need another look:"</p> })}
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
