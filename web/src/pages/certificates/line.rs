//! One certificate.

use leptos::prelude::*;

use crate::{
    api::{CertificateLine, CertificateStanding, Time},
    components::{Ago, Badge, prose, sentence},
    http::FormState,
    islands::ConfirmButton,
};

/// The forms that each line has.
pub(super) struct Forms {
    pub retry: FormState,
    pub renew: FormState,
    pub choose: FormState,
}

impl Forms {
    /// What was refused last.
    pub(super) fn said(&self) -> Option<String> {
        let all = [&self.retry, &self.renew, &self.choose];
        all.into_iter().flat_map(FormState::faults).next().map(|fault| sentence(&fault.message))
    }
}

const fn badge(standing: CertificateStanding) -> (&'static str, &'static str) {
    match standing {
        CertificateStanding::Pending => ("On its way", "busy"),
        CertificateStanding::WaitingDns => ("Waiting for DNS", "warn"),
        CertificateStanding::WaitingBudget => ("Waiting for the authority's limits", "warn"),
        CertificateStanding::Ordering => ("Ordering", "busy"),
        CertificateStanding::Issued => ("Valid", "good"),
        CertificateStanding::Renewing => ("Renewing", "good"),
        CertificateStanding::Failed => ("Failed", "bad"),
        CertificateStanding::Expiring => ("Expires soon", "bad"),
    }
}

pub(super) fn line(
    row: CertificateLine,
    forms: &Forms,
    directories: &[String],
    now: Time,
) -> impl IntoView + use<> {
    let (text, tone) = badge(row.standing);
    let buttons = row.may.then(|| buttons(&row, forms, directories));
    let name = match &row.app {
        Some(app) => view! { <a href=format!("/apps/{app}/domains")>{row.host.clone()}</a> }.into_any(),
        None => view! { <strong>{row.host.clone()}</strong> }.into_any(),
    };
    let when = |label: &'static str, at: Option<Time>| {
        at.map(|at| view! { <small class="quiet">{label} " " <Ago at now/></small> })
    };
    let until = row.expires_at.map(|at| {
        let verb = if at > now { "valid until" } else { "ran out" };
        view! {
            <small class="quiet">
                {format!("{verb} {} (", at.date())} <Ago at now/> ")"
            </small>
        }
    });
    view! {
        <li class="line tall">
            <span class="grow">
                {name}
                {row.chosen.then(|| view! { <span class="tag">"own directory"</span> })}
                <small class="quiet">
                    {row.directory} {row.issuer.map(|issuer| format!(" · signed by {issuer}"))}
                </small>
                <span class="certificate">
                    <Badge text tone/>
                    {until}
                    {when("renewed", row.renew_at)}
                    {when("last try", row.tried_at)}
                    {when("next try", row.next_try_at)}
                    {row
                        .reason
                        .map(|reason| view! { <small class="failure-line">{prose(&sentence(&reason))}</small> })}
                    {row.problem.map(|problem| view! { <small class="quiet">{problem}</small> })}
                    {row.advice.map(|advice| view! { <small class="advice">{format!("What to do: {advice}")}</small> })}
                    {row
                        .explanation
                        .map(|address| {
                            view! {
                                <small>
                                    <a href=address rel="noreferrer">
                                        "Why the authority renews then"
                                    </a>
                                </small>
                            }
                        })}
                </span>
            </span>
            {buttons}
        </li>
    }
}

fn buttons(row: &CertificateLine, forms: &Forms, directories: &[String]) -> impl IntoView + use<> {
    let id = || row.id.clone();
    let choices: Vec<_> = directories
        .iter()
        .map(|name| {
            let chosen = row.chosen && row.directory == *name;
            view! {
                <option value=name.clone() selected=chosen>
                    {name.clone()}
                </option>
            }
        })
        .collect();
    let choose = (!directories.is_empty()).then(|| {
        let field = format!("directory-{}", row.id);
        view! {
            <details>
                <summary>"Directory"</summary>
                <form method="post" action=forms.choose.action.clone() class="row">
                    <input type="hidden" name="certificate" value=id()/>
                    <label for=field.clone()>{format!("Directory of {}", row.host)}</label>
                    <select id=field name="directory">
                        <option value="">"As for all others"</option>
                        {choices}
                    </select>
                    <button type="submit" class="button small">
                        "Choose"
                    </button>
                </form>
            </details>
        }
    });
    let valid = row.expires_at.is_some();
    let again = (row.standing != CertificateStanding::Issued).then(|| {
        view! {
            <form method="post" action=forms.retry.action.clone()>
                <input type="hidden" name="certificate" value=id()/>
                <button type="submit" class="button small" aria-label=format!("Try again for {}", row.host)>
                    "Try again"
                </button>
            </form>
        }
    });
    let renew = valid.then(|| {
        view! {
            <form method="post" action=forms.renew.action.clone()>
                <input type="hidden" name="certificate" value=id()/>
                <ConfirmButton
                    label="Renew".into()
                    sure="Renew now?".into()
                    class="button small".into()
                    name=format!("Renew {}", row.host)
                />
            </form>
        }
    });
    view! {
        {choose}
        {again}
        {renew}
    }
}
