//! An app's public ports, on the page of its domains.

use leptos::prelude::*;

use crate::{
    api::{PortView, Ports},
    components::{Area, Form, Pick, Section, Submit, Text},
    http::FormState,
    islands::ConfirmButton,
};

/// The ports and a form for one more, for whoever may change it, who is given the forms; nothing, where the
/// instance has no ports for apps.
pub fn section(ports: Ports, many: bool, forms: Option<(&FormState, &FormState)>) -> Option<AnyView> {
    if ports.own.is_empty() && ports.free.is_empty() {
        return None;
    }
    let rows: Vec<_> = ports.own.into_iter().map(|port| row(port, forms.map(|(_, remove)| remove))).collect();
    let add = forms.filter(|_| !ports.free.is_empty()).map(|(add, _)| form(add, &ports.free, many));
    let content = view! {
        <ul class="list">{rows}</ul>
        {add}
    };
    Some(
        view! {
            <Section title="Ports" about="For what is not HTTP: databases, brokers, games." id="ports">
                {content}
            </Section>
        }
        .into_any(),
    )
}

fn row(port: PortView, remove: Option<&FormState>) -> impl IntoView + use<> {
    let service = port.service.map(|service| format!(" of {service}"));
    let host = port.host.map(|host| format!(", by TLS as {host}"));
    let name = format!("Remove {}", port.public);
    let gone = remove.map(|remove| {
        view! {
            <form method="post" action=remove.action.clone()>
                <input type="hidden" name="port" value=port.id/>
                <input type="hidden" name="public" value=port.public.clone()/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        }
    });
    view! {
        <li class="domain">
            <span class="grow">
                <strong>{port.public.clone()}</strong>
                <small class="quiet">{format!("to port {}", port.port)} {service} {host}</small>
            </span>
            {gone}
        </li>
    }
}

fn form(add: &FormState, free: &[String], many: bool) -> AnyView {
    let options: Vec<_> = free.iter().map(|port| (port.clone(), port.clone())).collect();
    let service = many.then(|| {
        view! { <Text state=add.clone() name="service" label="Service" mono=true required=true hint="Its name in the Compose file."/> }
    });
    let fields = view! {
        <div class="columns">
            <Pick state=add.clone() name="public" label="Public port" options/>
            <Text state=add.clone() name="port" label="Port of the app" kind="port" required=true/>
            {service}
            <Text
                state=add.clone()
                name="host"
                label="Host in TLS"
                mono=true
                optional=true
                hint="One of the app's domains. The edge speaks TLS with its certificate."
            />
        </div>
        <Area
            state=add.clone()
            name="allow"
            label="Only from"
            rows=2
            optional=true
            hint="Address ranges, a line each. TCP only."
        />
        <div class="row">
            <Submit label="Add port"/>
        </div>
    };
    view! { <Form state=add.clone()>{fields}</Form> }.into_any()
}
