//! Deployments in a list.

use leptos::prelude::*;

use super::{Ago, DeploymentBadge};
use crate::api::{Cause, DeploymentLine, Time};

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
    let name = if app { format!("{} #{}", item.app_title, item.number) } else { format!("#{}", item.number) };
    let what = what(&item);
    let took = item.started_at.zip(item.finished_at).map(|(start, end)| start.span(end));
    view! {
        <li class="deployment-row">
            <span class="deployment-name">
                <a href=format!("/deployments/{}", item.id)>{name}</a>
                <DeploymentBadge state=item.state/>
            </span>
            <span class="deployment-what">
                <span>{what}</span>
                {item
                    .failure
                    .map(|failure| view! { <small class="failure-line">{failure}</small> })}
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

/// What a deployment brings: the commit, or the reason given.
#[must_use]
pub fn what(item: &DeploymentLine) -> String {
    let title = item.title.clone().or_else(|| item.reason.clone());
    match (&item.commit, title) {
        (Some(commit), Some(title)) => format!("{} {title}", short(commit)),
        (Some(commit), None) => short(commit).to_owned(),
        (None, Some(title)) => title,
        (None, None) => "Newest source and settings".to_owned(),
    }
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
        Cause::Webhook { provider } => format!("Push by {provider}"),
        Cause::Poll => "New commit found".to_owned(),
        Cause::Person { email } => email.clone(),
        Cause::Rollback { email, to } => format!("Return to #{to} by {email}"),
    }
}
