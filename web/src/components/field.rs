//! Inputs with label, hint and fault.
//!
//! Each takes the form's state and its own name; the value shown is what was entered when the form
//! was refused, else what is stored. Secret ones never show a value.

use leptos::prelude::*;

use super::{prose, sentence};
use crate::http::FormState;

/// Label above, input, then hint and fault; the input names both by `aria-describedby`.
#[component]
pub fn Frame(
    /// The input's id.
    id: String,
    /// The label.
    label: String,
    /// The hint below.
    hint: String,
    /// What is wrong.
    fault: Option<String>,
    /// It may be left empty.
    optional: bool,
    /// The input.
    children: Children,
) -> AnyView {
    let wrong = fault.is_some().then_some("");
    view! {
        <div class="field" data-wrong=wrong>
            <label for=id.clone()>
                {label} {optional.then(|| view! { <span class="optional">" optional"</span> })}
            </label>
            {children()}
            {fault
                .map(|fault| {
                    view! {
                        <p class="fault" id=format!("{id}-fault")>
                            {prose(&sentence(&fault))}
                        </p>
                    }
                })}
            {(!hint.is_empty())
                .then(|| view! { <p class="hint" id=format!("{id}-hint")>{prose(&hint)}</p> })}
        </div>
    }
    .into_any()
}

/// The ids of hint and fault for `aria-describedby`, if there are any.
pub(super) fn described(id: &str, hint: &str, fault: bool) -> Option<String> {
    match (!hint.is_empty(), fault) {
        (true, true) => Some(format!("{id}-fault {id}-hint")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-fault")),
        (false, false) => None,
    }
}

/// One line of text.
#[component]
pub fn Text(
    /// The form.
    state: FormState,
    /// The field's path.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What is stored.
    #[prop(into, optional)]
    value: String,
    /// What it means; the default.
    #[prop(into, optional)]
    hint: String,
    /// An example, or the default.
    #[prop(into, optional)]
    placeholder: String,
    /// `text` if not given; `email`, `number`, `port`, `url`.
    #[prop(optional)]
    kind: &'static str,
    /// It must be filled in.
    #[prop(optional)]
    required: bool,
    /// Say that it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// The browser's word for what it is.
    #[prop(optional)]
    autocomplete: &'static str,
    /// It is shown and cannot be changed here.
    #[prop(optional)]
    fixed: bool,
    /// Fixed width, no spelling help: names, paths, commands.
    #[prop(optional)]
    mono: bool,
) -> AnyView {
    let id = state.id(&name);
    state.labelled(&name, &label);
    let fault = state.fault(&name);
    let described = described(&id, &hint, fault.is_some());
    let invalid = fault.is_some().then_some("true");
    let value = state.value(&name, &value);
    let (least, most) = if kind == "port" { (Some("1"), Some("65535")) } else { (None, None) };
    let kind = match kind {
        "" => "text",
        "port" => "number",
        kind => kind,
    };
    let autocomplete = if autocomplete.is_empty() { "off" } else { autocomplete };
    let class = mono.then_some("mono");
    view! {
        <Frame id=id.clone() label hint fault optional>
            <input
                id=id
                name=name
                type=kind
                value=value
                class=class
                placeholder=placeholder
                required=required
                readonly=fixed
                min=least
                max=most
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described
            />
        </Frame>
    }
    .into_any()
}

/// A password or token: never shown again.
#[component]
pub fn Password(
    /// The form.
    state: FormState,
    /// The field's path.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(into, optional)]
    hint: String,
    /// `current-password`, `new-password`, or `off`.
    autocomplete: &'static str,
    /// It may be left empty.
    #[prop(optional)]
    optional: bool,
) -> AnyView {
    let id = state.id(&name);
    state.labelled(&name, &label);
    let fault = state.fault(&name);
    let described = described(&id, &hint, fault.is_some());
    let invalid = fault.is_some().then_some("true");
    view! {
        <Frame id=id.clone() label hint fault optional>
            <input
                id=id
                name=name
                type="password"
                required=!optional
                autocomplete=autocomplete
                aria-invalid=invalid
                aria-describedby=described
            />
        </Frame>
    }
    .into_any()
}

/// Several lines.
#[component]
pub fn Area(
    /// The form.
    state: FormState,
    /// The field's path.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What is stored.
    #[prop(into, optional)]
    value: String,
    /// What it means.
    #[prop(into, optional)]
    hint: String,
    /// An example.
    #[prop(into, optional)]
    placeholder: String,
    /// How many lines are seen.
    #[prop(default = 3)]
    rows: u32,
    /// What was entered is not shown again.
    #[prop(optional)]
    secret: bool,
    /// Say that it may be left empty.
    #[prop(optional)]
    optional: bool,
) -> AnyView {
    let id = state.id(&name);
    state.labelled(&name, &label);
    let fault = state.fault(&name);
    let described = described(&id, &hint, fault.is_some());
    let invalid = fault.is_some().then_some("true");
    // A browser drops the first line break in a text area; one more keeps a real one.
    let value = if secret { String::new() } else { format!("\n{}", state.value(&name, &value)) };
    view! {
        <Frame id=id.clone() label hint fault optional>
            <textarea
                id=id
                name=name
                rows=rows.to_string()
                class="mono"
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described
            >
                {value}
            </textarea>
        </Frame>
    }
    .into_any()
}

/// A box to tick.
#[component]
pub fn Tick(
    /// The form.
    state: FormState,
    /// The field's path.
    #[prop(into)]
    name: String,
    /// What it means when ticked.
    #[prop(into)]
    label: String,
    /// Whether it is stored as ticked.
    #[prop(optional)]
    checked: bool,
    /// More about it.
    #[prop(into, optional)]
    hint: String,
) -> AnyView {
    let id = state.id(&name);
    state.labelled(&name, &label);
    let checked = state.ticked(&name, "yes", checked);
    let fault = state.fault(&name);
    let described = described(&id, &hint, fault.is_some());
    view! {
        <div class="tick">
            <input
                id=id.clone()
                name=name
                type="checkbox"
                value="yes"
                checked=checked
                aria-describedby=described
            />
            <div>
                <label for=id.clone()>{label}</label>
                {(!hint.is_empty())
                    .then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
                {fault
                    .map(|fault| {
                        view! {
                            <p class="fault" id=format!("{id}-fault")>
                                {prose(&sentence(&fault))}
                            </p>
                        }
                    })}
            </div>
        </div>
    }
    .into_any()
}
