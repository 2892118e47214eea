//! Certificates of all hosts: how each stands, why, and what to do.

mod directories;
mod line;

use leptos::prelude::*;

pub use directories::directories;

use self::line::{Forms, line};
use crate::{
    api::{CertificatesView, Result},
    components::{Empty, Place, Section},
    http::Cx,
    pages::Page,
};

/// The page of the team's certificates.
pub async fn certificates(cx: &Cx<'_>) -> Result<Page> {
    let view = cx.api.certificates().await?;
    let owner = cx.viewer.as_ref().is_some_and(|viewer| viewer.owner);
    Ok(page(cx, view, "Certificates", owner))
}

/// The page of the certificates of all teams.
pub async fn all(cx: &Cx<'_>) -> Result<Page> {
    let view = cx.api.instance_certificates().await?;
    Ok(page(cx, view, "Certificates of all teams", true))
}

fn page(cx: &Cx<'_>, view: CertificatesView, title: &'static str, owner: bool) -> Page {
    let now = cx.now();
    let forms = Forms {
        retry: cx.form("retry", "/actions/certificates/retry"),
        renew: cx.form("renew", "/actions/certificates/renew"),
        choose: cx.form("choose", "/actions/certificates/directory"),
    };
    Page::new(title, Place::Certificates, move || {
        let CertificatesView { certificates, directories } = view;
        let none = certificates.is_empty();
        let said = forms.said();
        let rows: Vec<_> = certificates.into_iter().map(|row| line(row, &forms, &directories, now)).collect();
        view! {
            <header class="page-head">
                <h1>{title}</h1>
                {owner
                    .then(|| {
                        view! {
                            <a class="button" href="/instance/certificates">
                                "All teams"
                            </a>
                            <a class="button" href="/instance/directories">
                                "Directories"
                            </a>
                        }
                    })}
            </header>
            <Section
                title="Hosts"
                about="What needs somebody comes first. All others are ordered and renewed by themselves."
            >
                {said.map(|fault| view! { <div class="faults" role="alert">{fault}</div> })}
                {none
                    .then(|| {
                        view! {
                            <Empty
                                title="No certificates yet"
                                text="A domain with HTTPS gets one by itself, as soon as its name leads here."
                            />
                        }
                    })}
                <ul class="list">{rows}</ul>
            </Section>
            <Section title="From another Traefik" about="Certificates of its acme.json are taken over for hosts that are domains here.">
                <p class="hint">
                    "skep certificates import acme.json shows what would be taken; with --yes it is. They are renewed here from then on."
                </p>
            </Section>
        }
    })
}
