//! What all pages of an app have on top: where it is, how it stands, and its tabs.

use leptos::prelude::*;

use super::{AppBadge, Icon, bare};
use crate::{
    api::{AppState, AppView},
    islands::ActiveDeployment,
};

/// The tabs, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// How it stands.
    Overview,
    /// What was tried.
    Deployments,
    /// What it says.
    Logs,
    /// What came to it.
    Traffic,
    /// Its variables.
    Variables,
    /// Its host names.
    Domains,
    /// Who may push.
    Webhooks,
    /// How it is built and runs.
    Settings,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Overview, "", "Overview"),
        (Self::Deployments, "/deployments", "Deployments"),
        (Self::Logs, "/logs", "Logs"),
        (Self::Traffic, "/traffic", "Traffic"),
        (Self::Variables, "/variables", "Variables"),
        (Self::Domains, "/domains", "Domains"),
        (Self::Webhooks, "/webhooks", "Webhooks"),
        (Self::Settings, "/settings", "Settings"),
    ];
}

/// Breadcrumb, name, state, address and tabs of an app.
#[component]
pub fn AppFrame(
    /// The app.
    app: AppView,
    /// The tab that is open.
    tab: Tab,
    /// The heading's addition for screen readers and the page's content.
    children: Children,
) -> AnyView {
    let id = app.line.id.clone();
    let tabs: Vec<_> = Tab::ALL
        .into_iter()
        .map(|(this, path, text)| {
            let current = (this == tab).then_some("page");
            view! {
                <a href=format!("/apps/{id}{path}") aria-current=current>
                    {text}
                </a>
            }
        })
        .collect();
    let name = Tab::ALL.iter().find(|(this, ..)| *this == tab).map_or("", |(_, _, text)| text);
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href=format!("/projects/{}", app.project)>{app.project_title}</a>
            <span aria-hidden="true">"/"</span>
            <a href=format!("/environments/{}", app.environment)>{app.environment_name}</a>
        </nav>
        <header class="page-head">
            <h1>
                {app.line.name} <span class="unseen">{format!(" — {name}")}</span>
            </h1>
            <AppBadge state=app.line.state/>
            {app
                .line
                .url
                .filter(|_| app.line.state != AppState::Empty)
                .map(|url| {
                    view! {
                        <a class="visit" href=url.clone()>
                            {bare(&url).to_owned()}
                            <Icon name="open"/>
                        </a>
                    }
                })}
        </header>
        <nav class="tabs" aria-label="App">
            {tabs}
        </nav>
        {app
            .active
            .map(|active| {
                let (word, _) = active.state.words();
                view! {
                    <div role="status">
                        <ActiveDeployment id=active.id.to_string() number=active.number word=word.to_owned()/>
                    </div>
                }
            })}
        {children()}
    }
    .into_any()
}
