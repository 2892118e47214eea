//! What holds for one domain of an app: a form for each part, as `actions/domain_fields.rs` lists them.

use leptos::prelude::*;
use serde_json::Value;

use crate::{
    actions::domain_fields::{Field, Kind, PARTS, Part},
    api::{AppId, DomainId, DomainView, Result},
    components::{AppFrame, Area, Form, Pick, Place, Section, Submit, Tab, Text, Tick},
    http::{Cx, FormState},
    pages::Page,
};

/// The page of a domain.
pub async fn domain(cx: &Cx<'_>, id: AppId, domain: DomainId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let domain = cx.api.domain(&id, &domain).await?;
    let form = cx.form("domain", format!("/actions/apps/{id}/domains/change"));
    let changes = cx.may("configure");
    Ok(Page::new(format!("{} of {}", domain.host, app.line.name), Place::Projects, move || {
        let stored = stored(&domain);
        let parts: Vec<_> = PARTS
            .iter()
            .map(|part| section(part, &form.only("part", part.key), &domain, &stored, changes))
            .collect();
        view! {
            <AppFrame app tab=Tab::Domains>
                <p class="pad">
                    <a href=format!("/apps/{id}/domains")>"All domains"</a>
                    " / "
                    <a href=domain.url.clone()>{domain.host.clone()}</a>
                    {domain.other_host.clone().map(|host| format!(", and from {host}"))}
                </p>
                {parts}
            </AppFrame>
        }
    }))
}

/// The domain by the paths of the fields.
fn stored(domain: &DomainView) -> Value {
    serde_json::json!({
        "path": domain.path, "port": domain.port, "service": domain.service, "strip": domain.strip,
        "https": domain.https, "redirect_www": domain.other_host.is_some(), "options": domain.options,
        "logins": domain.logins,
    })
}

fn section(
    part: &'static Part,
    form: &FormState,
    domain: &DomainView,
    stored: &Value,
    changes: bool,
) -> AnyView {
    let fields: Vec<_> = part.fields.iter().map(|field| drawn(field, form, stored)).collect();
    let id = domain.id.to_string();
    let form = view! {
        <Form state=form.clone()>
            <input type="hidden" name="part" value=part.key/>
            <input type="hidden" name="domain" value=id/>
            {fields}
            {changes
                .then(|| {
                    view! {
                        <div class="row">
                            <Submit label=format!("Save {}", part.title.to_lowercase())/>
                        </div>
                    }
                })}
        </Form>
    };
    view! {
        <Section title=part.title about=part.about id=part.key>
            {form}
        </Section>
    }
    .into_any()
}

fn drawn(field: &'static Field, form: &FormState, stored: &Value) -> AnyView {
    let at = format!("/{}", field.path.replace('.', "/"));
    let value = stored.pointer(&at).unwrap_or(&Value::Null);
    let (state, name, label, hint) = (form.clone(), field.path, field.label, field.hint);
    match field.kind {
        Kind::Text => view! { <Text state name label hint value=shown(value) mono=true/> }.into_any(),
        Kind::Number => view! { <Text state name label hint value=shown(value) kind="number"/> }.into_any(),
        Kind::Tick => view! { <Tick state name label hint checked=*value == Value::Bool(true)/> }.into_any(),
        Kind::Lines => view! { <Area state name label hint value=lines(value) rows=2/> }.into_any(),
        Kind::Pairs => view! { <Area state name label hint value=pairs(value) rows=2/> }.into_any(),
        Kind::Html => view! { <Area state name label hint value=shown(value) rows=4/> }.into_any(),
        Kind::Pick(options) => {
            let options =
                options.iter().map(|(value, text)| ((*value).to_owned(), (*text).to_owned())).collect();
            view! { <Pick state name label hint value=shown(value) options/> }.into_any()
        }
        Kind::Redirects => redirects(form, name, value),
        Kind::Logins => logins(form, name, hint, value),
    }
}

/// Rows of redirects, and an empty one.
fn redirects(form: &FormState, name: &str, value: &Value) -> AnyView {
    let known = value.as_array().map_or(&[][..], Vec::as_slice);
    let row = |n: usize| {
        let at = |field: &str| format!("{name}[{n}].{field}");
        let of = |field: &str| known.get(n).and_then(|row| row.get(field)).unwrap_or(&Value::Null);
        let ticked = |field: &str| *of(field) == Value::Bool(true);
        view! {
            <fieldset class="mount">
                <legend>{format!("Redirect {}", n + 1)}</legend>
                <div class="columns">
                    <Text state=form.clone() name=at("from") label="From" value=shown(of("from")) mono=true placeholder="/old"/>
                    <Text state=form.clone() name=at("to") label="To" value=shown(of("to")) mono=true placeholder="/new"/>
                </div>
                <Tick state=form.clone() name=at("regex") label="From is a pattern" checked=ticked("regex")/>
                <Tick state=form.clone() name=at("permanent") label="For good" checked=ticked("permanent")/>
            </fieldset>
        }
    };
    form.rows(name, known.len()).into_iter().map(row).collect::<Vec<_>>().into_any()
}

/// Rows of logins, and an empty one. Passwords are never shown.
fn logins(form: &FormState, name: &str, hint: &'static str, value: &Value) -> AnyView {
    let known = value.as_array().map_or(&[][..], Vec::as_slice);
    let row = |n: usize| {
        let (login, password) = (format!("{name}[{n}].name"), format!("{name}[{n}].password"));
        let id = form.id(&password);
        form.labelled(&password, "Password");
        let fault = form.fault(&password);
        let present = shown(known.get(n).unwrap_or(&Value::Null));
        view! {
            <fieldset class="mount">
                <legend>{format!("Login {}", n + 1)}</legend>
                <div class="columns">
                    <Text state=form.clone() name=login label="Name" value=present mono=true/>
                    <div class="field">
                        <label for=id.clone()>"Password"</label>
                        <input id=id name=password type="password" autocomplete="new-password" aria-invalid=fault.is_some().then_some("true")/>
                        {fault.map(|fault| view! { <p class="fault">{fault}</p> })}
                    </div>
                </div>
            </fieldset>
        }
    };
    let rows = form.rows(name, known.len()).into_iter().map(row).collect::<Vec<_>>();
    view! {
        {rows}
        <p class="hint">{hint}</p>
    }
    .into_any()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn lines(value: &Value) -> String {
    value.as_array().into_iter().flatten().map(shown).collect::<Vec<_>>().join("\n")
}

fn pairs(value: &Value) -> String {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(name, value)| format!("{name}: {}", shown(value))).collect::<Vec<_>>().join("\n")
}
