//! The services of a Compose app: how each stands, its log, and what can be done with it alone.

use leptos::prelude::*;

use crate::{
    api::{AppState, AppView, ServiceView},
    components::{Badge, Form, Section, Submit, Text, capital},
    http::{Cx, FormState},
    islands::ConfirmButton,
};

/// A service and its forms.
pub(super) struct Shown {
    service: ServiceView,
    scale: FormState,
    restart: FormState,
    deploy: FormState,
}

/// Those of an app, with their forms.
pub(super) fn shown(cx: &Cx<'_>, app: &AppView) -> Vec<Shown> {
    let of = |service: &ServiceView| {
        let path = format!("/actions/apps/{}/services/{}", app.line.id, service.name);
        let form = |what: &str| cx.form(format!("{what}-{}", service.name), format!("{path}/{what}"));
        Shown {
            service: service.clone(),
            scale: form("scale"),
            restart: form("restart"),
            deploy: form("deploy"),
        }
    };
    app.services.iter().map(of).collect()
}

/// The card.
pub(super) fn services(app: &AppView, all: Vec<Shown>) -> impl IntoView + use<> {
    let stopped = app.line.state == AppState::Stopped;
    let logs = format!("/apps/{}/logs", app.line.id);
    (!all.is_empty()).then(|| {
        let rows: Vec<_> = all.into_iter().map(|shown| row(shown, &logs, stopped)).collect();
        view! {
            <Section title="Services">
                <ul class="list">{rows}</ul>
            </Section>
        }
    })
}

fn row(shown: Shown, logs: &str, stopped: bool) -> impl IntoView + use<> {
    let Shown { service, scale, restart, deploy } = shown;
    let (text, tone) = standing(&service);
    let ServiceView { name, image, replicas, job, single_writer, .. } = service;
    let logs = format!("{logs}?service={name}");
    let more = (!stopped && !job).then(|| {
        let restart_name = format!("Restart {name}");
        let label = format!("Replicas of {name}");
        let alone = single_writer.then(|| {
            view! {
                <p class="quiet">"It alone writes to its volume: one replica at the most."</p>
            }
        });
        let open = !scale.faults().is_empty();
        let scale = replicas.map(|replicas| {
            view! {
                <Form state=scale.clone()>
                    <div class="inline">
                        <Text
                            state=scale
                            name="replicas"
                            label=label
                            kind="number"
                            value=replicas.to_string()
                            required=true
                        />
                        <Submit label="Scale" quiet=true/>
                    </div>
                </Form>
            }
        });
        view! {
            <details open=open>
                <summary>"Scale or restart"</summary>
                {alone}
                {scale}
                <Form state=restart class="row">
                    <ConfirmButton
                        label="Restart".into()
                        sure="Really restart?".into()
                        class="button".into()
                        name=restart_name
                    />
                </Form>
            </details>
        }
    });
    let alone = (!stopped).then(|| {
        let label = format!("Deploy {name} alone");
        view! {
            <Form state=deploy class="row">
                <Submit label=label quiet=true/>
            </Form>
        }
    });
    view! {
        <li class="line">
            <span class="grow">
                <strong>{name.clone()}</strong>
                <small class="quiet break">{image}</small>
                {more}
                {alone}
            </span>
            <Badge text tone/>
            <a href=logs aria-label=format!("Logs of {name}")>
                "Logs"
            </a>
        </li>
    }
}

/// In a word, and how good that is.
fn standing(service: &ServiceView) -> (String, &'static str) {
    let newest = service.newest.as_deref();
    match (service.job, service.replicas, service.running) {
        (true, ..) => match newest {
            Some("complete") => ("Completed".to_owned(), "good"),
            Some(state @ ("failed" | "rejected" | "orphaned")) => (capital(state), "bad"),
            Some(state) => (capital(state), "busy"),
            None => ("Not run yet".to_owned(), "off"),
        },
        (_, _, None) => ("Unknown".to_owned(), "off"),
        (_, Some(0), Some(0)) => ("Stopped".to_owned(), "off"),
        (_, Some(wanted), Some(running)) => {
            let tone = match running {
                _ if running >= wanted => "good",
                0 => "bad",
                _ => "busy",
            };
            (format!("{running} of {wanted} healthy"), tone)
        }
        (_, None, Some(running)) => (format!("{running} healthy"), if running > 0 { "good" } else { "bad" }),
    }
}
