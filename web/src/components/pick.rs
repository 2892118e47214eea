//! One out of several.

use leptos::prelude::*;

use super::{Frame, Icon, described, prose, sentence};
use crate::http::FormState;

/// A list to choose one from.
#[component]
pub fn Pick(
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
    /// Values with their texts.
    options: Vec<(String, String)>,
) -> AnyView {
    let id = state.id(&name);
    state.labelled(&name, &label);
    let fault = state.fault(&name);
    let chosen = state.value(&name, &value);
    let invalid = fault.is_some().then_some("true");
    let described = described(&id, &hint, fault.is_some());
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect();
    view! {
        <Frame id=id.clone() label hint fault optional=false>
            <select id=id name=name aria-invalid=invalid aria-describedby=described>
                {options}
            </select>
        </Frame>
    }
    .into_any()
}

/// One of a few kinds, as cards.
pub struct Card {
    /// The value.
    pub value: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What it is for.
    pub text: &'static str,
    /// Its icon.
    pub icon: &'static str,
}

/// Radio buttons drawn as cards. Parts of the form with class `for-…` show only what belongs to the
/// chosen one, by CSS alone.
#[component]
pub fn Cards(
    /// The form.
    state: FormState,
    /// The field's path.
    name: &'static str,
    /// The question.
    label: &'static str,
    /// What is stored.
    #[prop(into)]
    value: String,
    /// The choices.
    cards: Vec<Card>,
) -> AnyView {
    let fault = state.fault(name);
    state.labelled(name, label);
    let id = state.id(name);
    let chosen = state.value(name, &value);
    let cards: Vec<_> = cards
        .into_iter()
        .map(|card| {
            let checked = card.value == chosen;
            view! {
                <label class="choice">
                    <input type="radio" name=name value=card.value checked=checked/>
                    <Icon name=card.icon/>
                    <span>
                        <strong>{card.title}</strong>
                        <small>{card.text}</small>
                    </span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="choices" id=id tabindex="-1">
            <legend>{label}</legend>
            <div class="choice-grid">{cards}</div>
            {fault.map(|fault| view! { <p class="fault">{prose(&sentence(&fault))}</p> })}
        </fieldset>
    }
    .into_any()
}
