//! Variables of an app, an environment or a project: list, add, paste, delete.

use leptos::prelude::*;

use super::{Ago, Area, Empty, Form, Section, Submit, Text, Tick};
use crate::{
    api::{OlderVersion, Time, VariableView},
    http::FormState,
    islands::ConfirmButton,
};

/// The forms of a variables page.
pub struct VariableForms {
    /// One variable.
    pub set: FormState,
    /// Many, as `.env` text.
    pub import: FormState,
    /// Deletes one.
    pub delete: FormState,
    /// Where values are shown; nothing for who may not see them.
    pub reveal: Option<String>,
    /// Where older values are brought back.
    pub restore: String,
}

/// All of it; `about` says who sees these variables.
#[component]
pub fn Variables(
    /// The variables.
    variables: Vec<VariableView>,
    /// The forms.
    forms: VariableForms,
    /// Who sees them.
    about: &'static str,
    /// Now.
    now: Time,
) -> AnyView {
    let rows: Vec<_> = variables.into_iter().map(|variable| row(variable, &forms, now)).collect();
    let VariableForms { set, import, .. } = forms;
    let list = if rows.is_empty() {
        view! { <Empty title="No variables yet" text="Add one below, or paste a whole .env file."/> }
            .into_any()
    } else {
        view! { <ul class="list">{rows}</ul> }.into_any()
    };
    view! {
        <Section title="Variables" about>
            {list}
        </Section>
        <Section
            title="Add or change"
            about="A name that is there already gets the new value; the one before can be brought back."
        >
            <Form state=set.clone()>
                <div class="columns">
                    <Text
                        state=set.clone()
                        name="key"
                        label="Name"
                        placeholder="DATABASE_URL"
                        required=true
                        mono=true
                    />
                    <Area
                        state=set.clone()
                        name="value"
                        label="Value"
                        rows=1
                        secret=true
                        hint="Shared ones by ${{environment.NAME}} or ${{project.NAME}}, those of a secret store by ${{store.NAME:path#key}}."
                    />
                </div>
                <Tick
                    state=set
                    name="secret"
                    label="Secret"
                    checked=true
                    hint="Masked wherever a build or the app prints it."
                />
                <div class="row">
                    <Submit label="Save variable"/>
                </div>
            </Form>
        </Section>
        <Section title="Paste a .env file" about="NAME=value lines; comments and quotes are understood.">
            <Form state=import.clone()>
                <Area
                    state=import.clone()
                    name="text"
                    label="Lines"
                    rows=6
                    secret=true
                    placeholder="DATABASE_URL=postgres://…\nLOG_LEVEL=info"
                />
                <Tick state=import name="secret" label="All of these are secret" checked=true/>
                <div class="row">
                    <Submit label="Save all"/>
                </div>
            </Form>
        </Section>
    }
    .into_any()
}

fn row(variable: VariableView, forms: &VariableForms, now: Time) -> AnyView {
    let name = format!("Delete {}", variable.key);
    let refers = variable.references.join(", ");
    let by = variable.changed_by.clone().map(|by| format!(" by {by}"));
    let older = older(&variable, &forms.restore, now);
    let reveal = forms.reveal.clone().map(|action| {
        let name = format!("Show {}", variable.key);
        view! {
            <form method="post" action=action>
                <input type="hidden" name="key" value=variable.key.clone()/>
                <button type="submit" class="button small" aria-label=name>
                    "Show"
                </button>
            </form>
        }
    });
    view! {
        <li class="line tall">
            <span class="grow">
                <code>{variable.key.clone()}</code>
                {variable.secret.then(|| view! { <span class="tag">"secret"</span> })}
                {(!refers.is_empty())
                    .then(|| view! { <small class="quiet">{format!("from {refers}")}</small> })}
                <small class="quiet">
                    {format!("version {}, changed ", variable.version)} <Ago at=variable.updated_at now/> {by}
                </small>
                {older}
            </span>
            {reveal}
            <form method="post" action=forms.delete.action.clone()>
                <input type="hidden" name="key" value=variable.key/>
                <ConfirmButton
                    label="Delete".into()
                    sure="Really delete?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    }
    .into_any()
}

/// The older versions, each with the button that brings it back.
fn older(variable: &VariableView, restore: &str, now: Time) -> Option<AnyView> {
    let one = |old: &OlderVersion| {
        let by = old.by.clone().map(|by| format!(" by {by}"));
        let name = format!("Bring back version {} of {}", old.version, variable.key);
        view! {
            <form method="post" action=restore.to_owned() class="row">
                <input type="hidden" name="key" value=variable.key.clone()/>
                <input type="hidden" name="version" value=old.version.to_string()/>
                <small class="quiet">{format!("version {}, set ", old.version)} <Ago at=old.at now/> {by}</small>
                <button type="submit" class="button small" aria-label=name>
                    "Bring back"
                </button>
            </form>
        }
    };
    let all: Vec<_> = variable.older.iter().map(one).collect();
    (!all.is_empty()).then(|| {
        view! {
            <details>
                <summary>"Older values"</summary>
                {all}
            </details>
        }
        .into_any()
    })
}
