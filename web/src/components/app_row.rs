//! Apps in a list.

use leptos::prelude::*;

use super::{Ago, AppBadge, DeploymentBadge};
use crate::api::{AppLine, AppState, Time};

/// A list of apps: name, state, address, last deployment.
#[component]
pub fn AppList(
    /// The apps.
    apps: Vec<AppLine>,
    /// Now.
    now: Time,
) -> AnyView {
    let rows: Vec<_> = apps.into_iter().map(|app| row(app, now)).collect();
    view! { <ul class="list">{rows}</ul> }.into_any()
}

fn row(app: AppLine, now: Time) -> AnyView {
    let replicas = match app.running {
        Some(running) if app.wanted > 0 && app.state != AppState::Empty => {
            format!("{running}/{}", app.wanted)
        }
        _ => String::new(),
    };
    let last = app.last.map(|last| {
        let at = last.finished_at.unwrap_or(last.created_at);
        view! {
            <span class="app-last">
                <DeploymentBadge state=last.state/>
                <Ago at now/>
            </span>
        }
    });
    let url = app.url.filter(|_| app.state != AppState::Empty);
    view! {
        <li class="app-row">
            <span class="app-name">
                <a href=format!("/apps/{}", app.id)>{app.name}</a>
                <small>{app.source}</small>
            </span>
            <span class="app-state">
                <AppBadge state=app.state/>
                <small title="healthy replicas of wanted ones">{replicas}</small>
            </span>
            <span class="app-url">
                {url.map(|url| view! { <a href=url.clone()>{bare(&url).to_owned()}</a> })}
            </span>
            {last}
        </li>
    }
    .into_any()
}

/// An address without its scheme.
#[must_use]
pub fn bare(url: &str) -> &str {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    url.strip_suffix('/').unwrap_or(url)
}
