//! An app's host names and their certificates.

use leptos::prelude::*;

use crate::{
    api::{AppId, CertificateState, CertificateView, DomainView, Result, Source, Time},
    components::{
        Ago, AppFrame, Badge, CertificateBadge, Empty, Form, Place, Section, Submit, Tab, Text, Tick, bare,
        prose, sentence,
    },
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// The page of an app's domains.
pub async fn domains(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let domains = cx.api.domains(&id).await?;
    let instance = cx.api.instance().await?;
    let ports = cx.api.ports(&id).await?;
    let many = matches!(cx.api.configuration(&id).await?.source, Source::Compose { .. });
    let (now, changes) = (cx.now(), cx.may("configure"));
    let action = format!("/actions/apps/{id}/domains");
    let add = cx.form("domain", action.clone());
    let generate = cx.form("generate", format!("{action}/generate"));
    let remove = cx.form("remove", format!("{action}/remove"));
    let to_ports = cx.form("port", format!("/actions/apps/{id}/ports"));
    let no_port = cx.form("no-port", format!("/actions/apps/{id}/ports/remove"));
    let retry = cx.form("retry", format!("{action}/retry"));
    Ok(Page::new(format!("Domains of {}", app.line.name), Place::Projects, move || {
        let generates =
            changes && !instance.settings.base_domain.is_empty() && !domains.iter().any(|d| d.generated);
        let none = domains.is_empty();
        let rows: Vec<_> = domains
            .into_iter()
            .map(|domain| row(&id, domain, changes.then_some((&remove, &retry)), now))
            .collect();
        let port = app.port.map(|port| port.to_string()).unwrap_or_default();
        let dns = instance.public_address.map_or_else(
            || "Its DNS record must lead to this server.".to_owned(),
            |address| format!("Its DNS record must lead to {address}."),
        );
        let ports = super::ports::section(ports, many, changes.then_some((&to_ports, &no_port)));
        let list = if none {
            view! {
                <Empty
                    title="No domains yet"
                    text="The app is reached only from inside its environment. Add a host name to open it to the world over HTTPS."
                />
            }
            .into_any()
        } else {
            view! { <ul class="list">{rows}</ul> }.into_any()
        };
        view! {
            <AppFrame app tab=Tab::Domains>
                <Section title="Domains">
                    {list}
                    {generates
                        .then(|| {
                            view! {
                                <Form state=generate class="row pad">
                                    <Submit label="Generate a host name" quiet=true/>
                                </Form>
                            }
                        })}
                </Section>
                {changes
                    .then(|| {
                        view! {
                            <Section title="Add a domain" about=dns>
                                <Form state=add.clone()>
                                    <div class="columns">
                                        {many
                                            .then(|| {
                                                view! {
                                                    <Text
                                                        state=add.clone()
                                                        name="service"
                                                        label="Service"
                                                        placeholder="web"
                                                        mono=true
                                                        required=true
                                                        hint="Its name in the Compose file."
                                                    />
                                                }
                                            })}
                                        <Text
                                            state=add.clone()
                                            name="host"
                                            label="Host"
                                            placeholder="shop.example.org"
                                            mono=true
                                            required=true
                                        />
                                        <Text
                                            state=add.clone()
                                            name="path"
                                            label="Path"
                                            placeholder="/"
                                            mono=true
                                            optional=true
                                            hint="Only requests under it."
                                        />
                                        <Text
                                            state=add.clone()
                                            name="port"
                                            label="Port of the app"
                                            kind="port"
                                            placeholder=port
                                            optional=true
                                            hint="Empty: the port in its settings."
                                        />
                                    </div>
                                    <Tick
                                        state=add.clone()
                                        name="https"
                                        label="HTTPS"
                                        checked=true
                                        hint="A certificate is obtained and renewed by itself; http is redirected."
                                    />
                                    <Tick
                                        state=add.clone()
                                        name="dns"
                                        label="Prove it by DNS"
                                        hint="Needs a DNS provider of the team. Wildcards like *.shop.example.org always do."
                                    />
                                    <Tick
                                        state=add.clone()
                                        name="private"
                                        label="Private name"
                                        hint="For names below .internal or .local; the instance's own authority speaks for them."
                                    />
                                    <Tick state=add name="strip" label="Take the path off before the app sees it"/>
                                    <div class="row">
                                        <Submit label="Add domain"/>
                                    </div>
                                </Form>
                            </Section>
                        }
                    })}
                {ports}
            </AppFrame>
        }
    }))
}

/// A domain; its buttons for whoever may change it, who are given the forms.
fn row(
    app: &AppId,
    domain: DomainView,
    forms: Option<(&FormState, &FormState)>,
    now: Time,
) -> impl IntoView + use<> {
    let to = format!("to port {}", domain.port);
    let service = domain.service.map(|service| format!(" of {service}"));
    let name = format!("Remove {}", domain.host);
    let id = domain.id.to_string();
    let page = format!("/apps/{app}/domains/{id}");
    let waits = domain
        .certificate
        .as_ref()
        .is_some_and(|c| !matches!(c.state, CertificateState::Issued | CertificateState::Covered));
    let again = forms.filter(|_| waits).map(|(_, retry)| {
        view! {
            <form method="post" action=retry.action.clone()>
                <input type="hidden" name="domain" value=id.clone()/>
                <button type="submit" class="button small" aria-label=format!("Try again for {}", domain.host)>
                    "Try again"
                </button>
            </form>
        }
    });
    let gone = forms.map(|(remove, _)| {
        view! {
            <form method="post" action=remove.action.clone()>
                <input type="hidden" name="domain" value=id.clone()/>
                <input type="hidden" name="host" value=domain.host.clone()/>
                <ConfirmButton
                    label="Remove".into()
                    sure="Really remove?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        }
    });
    let state = match domain.certificate {
        Some(certificate) => certificate_state(certificate, now).into_any(),
        None => view! { <Badge text="Without HTTPS" tone="warn"/> }.into_any(),
    };
    view! {
        <li class="domain">
            <span class="grow">
                <a href=domain.url.clone()>{bare(&domain.url).to_owned()}</a>
                {domain.generated.then(|| view! { <span class="tag">"generated"</span> })}
                <small class="quiet">
                    {to} {service} {domain.strip.then_some(", path taken off")}
                </small>
                {state}
            </span>
            <a class="button small" href=page aria-label=format!("Options of {}", domain.host)>
                "Options"
            </a>
            {again}
            {gone}
        </li>
    }
}

/// State, reason, validity and next try of a certificate.
fn certificate_state(certificate: CertificateView, now: Time) -> impl IntoView {
    let expires = certificate.expires_at.map(|at| {
        let verb = if at > now { "valid until" } else { "ran out" };
        view! {
            <small class="quiet">
                {format!("{}, {verb} {} (", certificate.issuer, at.date())} <Ago at now/> ")"
            </small>
        }
    });
    let next = (!matches!(certificate.state, CertificateState::Issued | CertificateState::Covered))
        .then_some(certificate.next_try_at)
        .flatten();
    view! {
        <span class="certificate">
            <CertificateBadge state=certificate.state/>
            {expires}
            {next
                .map(|at| {
                    view! {
                        <small class="quiet">
                            "next try "
                            <Ago at now/>
                        </small>
                    }
                })}
            {certificate
                .reason
                .map(|reason| view! { <small class="failure-line">{prose(&sentence(&reason))}</small> })}
        </span>
    }
}
