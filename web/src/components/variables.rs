//! Variables of an app, an environment or a project: list, add, paste, delete; of an app also which are
//! required, and how each is delivered.

use leptos::prelude::*;

use super::{Ago, Area, Empty, Form, Notice, Pick, Section, Submit, Text, Tick};
use crate::{
    api::{OlderVersion, RequiredVariable, SecretFile, Time, VariableView},
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
    /// Says how one is delivered; of an app alone.
    pub deliver: Option<FormState>,
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
    /// Those that an app requires.
    #[prop(optional)]
    required: Vec<RequiredVariable>,
    /// Now.
    now: Time,
) -> AnyView {
    let required = (!required.is_empty()).then(|| self::required(required));
    let rows: Vec<_> = variables.into_iter().map(|variable| row(variable, &forms, now)).collect();
    let delivery = forms.deliver.clone().filter(|_| !rows.is_empty()).map(delivery);
    let VariableForms { set, import, .. } = forms;
    let list = if rows.is_empty() {
        view! { <Empty title="No variables yet" text="Add one below, or paste a whole .env file."/> }
            .into_any()
    } else {
        view! { <ul class="list">{rows}</ul> }.into_any()
    };
    view! {
        {required}
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
        {delivery}
        <Section
            title="Paste a .env file"
            about="NAME=value lines; comments and quotes are understood. What would change is shown before it is saved."
        >
            <Form state=import.clone()>
                <Area
                    state=import.clone()
                    name="text"
                    label="Lines"
                    rows=6
                    secret=true
                    placeholder="DATABASE_URL=postgres://…\nLOG_LEVEL=info"
                />
                <Tick state=import.clone() name="secret" label="All of these are secret" checked=true/>
                <Tick state=import name="replace" label="Take away variables that are not among them"/>
                <div class="row">
                    <Submit label="Show what would change"/>
                </div>
            </Form>
        </Section>
    }
    .into_any()
}

/// How a variable is delivered.
fn delivery(state: FormState) -> AnyView {
    let options = [("file", "as a file in /run/secrets"), ("environment", "in the environment")]
        .map(|(value, text)| (value.to_owned(), text.to_owned()))
        .to_vec();
    view! {
        <Section
            title="Deliver as a file"
            about="A file is a Swarm secret, in memory, readable by its owner alone and in nobody's environment. KEY_FILE names it, as images of the Docker library read it."
        >
            <Form state=state.clone()>
                <div class="columns">
                    <Text state=state.clone() name="key" label="Variable" placeholder="DATABASE_PASSWORD" required=true mono=true/>
                    <Pick state=state.clone() name="kind" label="Delivered" value="file" options/>
                </div>
                <div class="columns">
                    <Text state=state.clone() name="name" label="File name" optional=true mono=true hint="As the variable's if empty."/>
                    <Text
                        state=state.clone()
                        name="services"
                        label="Services"
                        optional=true
                        mono=true
                        hint="Of a Compose file, with commas between; all if empty."
                    />
                    <Text
                        state=state
                        name="owner"
                        label="Owner"
                        placeholder="1000:1000"
                        optional=true
                        mono=true
                        hint="The user that the app runs as, if the image says it and not the settings."
                    />
                </div>
                <div class="row">
                    <Submit label="Save delivery"/>
                </div>
            </Form>
        </Section>
    }
    .into_any()
}

/// The variables that the app requires.
fn required(all: Vec<RequiredVariable>) -> AnyView {
    let missing = all.iter().filter(|variable| variable.missing).count();
    let warn = (missing > 0).then(|| {
        let text = format!("{missing} of the required variables are missing or empty: until they are set, nothing is deployed.");
        view! { <Notice tone="warn">{text}</Notice> }
    });
    let line = |variable: RequiredVariable| {
        let state = if variable.missing { "missing" } else { "set" };
        view! {
            <li class="line">
                <span class="grow">
                    <code>{variable.key}</code>
                </span>
                <span class="tag">{state}</span>
            </li>
        }
    };
    let lines: Vec<_> = all.into_iter().map(line).collect();
    view! {
        <Section title="Required" about="The names come from the app's settings.">
            {warn} <ul class="list">{lines}</ul>
        </Section>
    }
    .into_any()
}

/// Where the file is, and who gets it.
fn filed(file: &SecretFile) -> String {
    let services =
        if file.services.is_empty() { String::new() } else { format!(" of {}", file.services.join(", ")) };
    let owner = file.owner.as_ref().map(|owner| format!(", owner {owner}")).unwrap_or_default();
    format!("file /run/secrets/{}{services}{owner}", file.name)
}

fn row(variable: VariableView, forms: &VariableForms, now: Time) -> AnyView {
    let name = format!("Delete {}", variable.key);
    let refers = variable.references.join(", ");
    let file = variable.file.as_ref().map(filed);
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
                {file.map(|file| view! { <small class="quiet">{file}</small> })}
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
