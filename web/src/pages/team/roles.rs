//! Roles: those of every team, and those that the team made of named rights.

use leptos::prelude::*;

use crate::{
    api::{RoleView, TeamView},
    components::{Form, Section, Submit, Text},
    http::FormState,
    islands::ConfirmButton,
};

/// All roles; a form for another one for whoever may.
pub fn section(team: &TeamView, new: FormState, delete: &FormState, manages: bool) -> impl IntoView + use<> {
    let fault = delete.faults().into_iter().next();
    let rows: Vec<_> = team.roles.iter().map(|role| row(role.clone(), delete, manages)).collect();
    let form = manages.then(|| form(team.rights.clone(), new));
    (!rows.is_empty()).then(|| {
        view! {
            <Section title="Roles" about="Nobody gives a role with rights that they do not have themselves.">
                {fault.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                <ul class="list">{rows}</ul>
                {form}
            </Section>
        }
    })
}

fn form(rights: Vec<(String, String)>, new: FormState) -> impl IntoView {
    let fault = new.fault("rights");
    let boxes: Vec<_> = rights
        .into_iter()
        .map(|(name, about)| {
            let id = format!("right-{name}");
            let checked = new.ticked("right", &name, name == "view");
            view! {
                <div class="tick">
                    <input id=id.clone() name="right" type="checkbox" value=name.clone() checked=checked/>
                    <div>
                        <label for=id>
                            <code>{name}</code>
                        </label>
                        <p class="hint">{about}</p>
                    </div>
                </div>
            }
        })
        .collect();
    let open = !new.faults().is_empty();
    view! {
        <details class="pad" open=open>
            <summary>"Make a role of your own"</summary>
            <Form state=new.clone()>
                <Text state=new.clone() name="name" label="Name of the role" placeholder="release manager" required=true/>
                <fieldset class="stack">
                    <legend>"What it gives"</legend>
                    {boxes}
                    {fault.map(|fault| view! { <p class="fault">{fault}</p> })}
                </fieldset>
                <div class="row">
                    <Submit label="Create role" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

fn row(role: RoleView, delete: &FormState, manages: bool) -> AnyView {
    let name = format!("Delete {}", role.name);
    let button = (manages && !role.built_in).then(|| {
        view! {
            <form method="post" action=delete.action.clone()>
                <input type="hidden" name="role" value=role.id.clone()/>
                <ConfirmButton
                    label="Delete".into()
                    sure="Really delete?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        }
    });
    view! {
        <li class="line">
            <span class="grow">
                <strong>{role.name}</strong>
                <small class="quiet">{role.rights.join(", ")}</small>
            </span>
            {button}
        </li>
    }
    .into_any()
}
