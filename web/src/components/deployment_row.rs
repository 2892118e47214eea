//! Deployments in a list.

use leptos::prelude::*;

use super::{Ago, DeploymentBadge, prose};
use crate::api::{Cause, DeploymentLine, DeploymentState, Time};

/// A list of deployments; `app` names the app of each.
#[component]
pub fn DeploymentList(
    /// The deployments.
    items: Vec<DeploymentLine>,
    /// Now.
    now: Time,
    /// The list is over many apps.
    #[prop(optional)]
    app: bool,
) -> AnyView {
    let rows: Vec<_> = items.into_iter().map(|item| row(item, now, app)).collect();
    view! { <ul class="list">{rows}</ul> }.into_any()
}

fn row(item: DeploymentLine, now: Time, app: bool) -> AnyView {
    let (place, name) = item.app_title.rsplit_once(" / ").unwrap_or(("", &item.app_title));
    let name = if app { format!("{name} #{}", item.number) } else { format!("#{}", item.number) };
    let place = app.then(|| place.to_owned());
    let commit = item.commit.as_deref().map(|commit| short(commit).to_owned());
    let what = what(&item);
    let quiet = matches!(
        item.state,
        DeploymentState::Cancelled | DeploymentState::Rejected | DeploymentState::Superseded
    );
    let tone = if quiet { "quiet" } else { "failure-line" };
    let took = item.started_at.zip(item.finished_at).map(|(start, end)| start.span(end));
    view! {
        <li class="deployment-row">
            <span class="deployment-name">
                <a href=format!("/deployments/{}", item.id)>{name}</a>
                <DeploymentBadge state=item.state/>
                {place.map(|place| view! { <small>{place}</small> })}
            </span>
            <span class="deployment-what">
                <span>
                    {commit.map(|commit| view! { <code class="quiet">{commit}</code> })} " " {what}
                </span>
                {item.failure.map(|failure| view! { <small class=tone>{prose(&failure)}</small> })}
            </span>
            <span class="deployment-when">
                <span>{cause_words(&item.cause)}</span>
                <small>
                    <Ago at=item.created_at now/>
                    {took.map(|took| format!(" · took {took}"))}
                </small>
            </span>
        </li>
    }
    .into_any()
}

/// What a deployment brings: the commit's title, or the reason given.
fn what(item: &DeploymentLine) -> String {
    let given = item.title.as_ref().or(item.reason.as_ref());
    let alone = if item.services.is_empty() { String::new() } else { of_alone(&item.services) + ": " };
    match (given, &item.cause) {
        (Some(given), _) => alone + given,
        (None, Cause::Rollback { to, .. }) => format!("Release #{to} again, as it was"),
        (None, _) => alone + "Newest source and settings",
    }
}

/// Which services a deployment is of alone, in words.
#[must_use]
pub fn of_alone(services: &[String]) -> String {
    format!("{} alone", services.join(", "))
}

/// The first digits of a commit id.
#[must_use]
pub fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}

/// Why a deployment was started, in a few words.
#[must_use]
pub fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::Webhook { provider } => match provider.as_str() {
            "github" => "Push to GitHub".to_owned(),
            "gitlab" => "Push to GitLab".to_owned(),
            "gitea" => "Push to Gitea".to_owned(),
            "bitbucket" => "Push to Bitbucket".to_owned(),
            "registry" => "Push to the registry".to_owned(),
            _ => "Push by webhook".to_owned(),
        },
        Cause::Poll => "New commit found".to_owned(),
        Cause::Person { email } => email.clone(),
        Cause::Rollback { email, to } => format!("Return to #{to} by {email}"),
    }
}
