//! Everything at a glance: the engine, what is being deployed, all projects with their apps.

use leptos::prelude::*;

use crate::{
    api::{AppLine, AppState, EngineView, EnvironmentView, ProjectView, Result, Time},
    components::{AppList, DeploymentList, Empty, EngineNotice, Icon, Place, Section},
    http::Cx,
    pages::Page,
};

/// Apps that are drawn, all of them, as long as there are no more.
const ALL: usize = 100;
/// Apps of each environment that are drawn where there are more than [`ALL`].
const SOME: usize = 8;

/// The first page.
pub async fn overview(cx: &Cx<'_>) -> Result<Page> {
    let overview = cx.api.overview().await?;
    let now = cx.now();
    let makes = cx.may("projects");
    Ok(Page::new("Projects", Place::Projects, move || {
        let facts = facts(&overview.engine, &overview.projects);
        let most = if apps(&overview.projects) > ALL { SOME } else { ALL };
        let projects: Vec<_> =
            overview.projects.into_iter().map(|project| card(project, most, now)).collect();
        let (active, recent) = (overview.active, overview.recent);
        let empty = projects.is_empty();
        view! {
            <header class="page-head">
                <h1>"Projects"</h1>
                <span class="quiet">{facts}</span>
                {makes
                    .then(|| {
                        view! {
                            <a class="button primary end" href="/projects/new">
                                <Icon name="plus"/>
                                "New project"
                            </a>
                        }
                    })}
            </header>
            <EngineNotice engine=overview.engine now/>
            {(!active.is_empty())
                .then(|| {
                    view! {
                        <Section title="Under way">
                            <DeploymentList items=active now app=true/>
                        </Section>
                    }
                })}
            {projects}
            {empty
                .then(|| {
                    view! {
                        <Empty
                            title="No projects yet"
                            text="A project holds environments, such as production and staging; an environment holds apps. Start with a project, then push your first app to it."
                        >
                            {makes
                                .then(|| {
                                    view! {
                                        <a class="button primary" href="/projects/new">
                                            "Create your first project"
                                        </a>
                                    }
                                })}
                        </Empty>
                    }
                })}
            {(!recent.is_empty())
                .then(|| {
                    view! {
                        <Section title="Recent deployments">
                            <DeploymentList items=recent now app=true/>
                        </Section>
                    }
                })}
        }
    }))
}

/// `12 apps · 3 of 3 nodes ready`.
fn facts(engine: &EngineView, projects: &[ProjectView]) -> String {
    let apps = apps(projects);
    let apps = if apps == 1 { "1 app".to_owned() } else { format!("{apps} apps") };
    match engine.nodes {
        Some((ready, all)) if engine.known => format!("{apps} · {ready} of {all} nodes ready"),
        _ => format!("{apps} · cluster state unknown"),
    }
}

fn apps(projects: &[ProjectView]) -> usize {
    projects.iter().flat_map(|project| &project.environments).map(|environment| environment.apps.len()).sum()
}

/// At most `most` of them: first those that need somebody.
fn first(mut apps: Vec<AppLine>, most: usize) -> Vec<AppLine> {
    if apps.len() > most {
        apps.sort_by_key(|app| match app.state {
            AppState::Down => 0,
            AppState::Degraded => 1,
            AppState::Unknown | AppState::Removing => 2,
            AppState::Running => 3,
            AppState::Empty | AppState::Stopped => 4,
        });
        apps.truncate(most);
    }
    apps
}

fn card(project: ProjectView, most: usize, now: Time) -> impl IntoView {
    let environments: Vec<_> =
        project.environments.into_iter().map(|environment| part(environment, most, now)).collect();
    view! {
        <section class="card">
            <header class="card-head row">
                <h2>
                    <a href=format!("/projects/{}", project.id)>{project.title}</a>
                </h2>
                <code class="quiet">{project.name}</code>
            </header>
            {environments}
        </section>
    }
}

fn part(environment: EnvironmentView, most: usize, now: Time) -> impl IntoView {
    let new = format!("/environments/{}/apps/new", environment.id);
    let label = format!("New app in {}", environment.name);
    let all = environment.apps.len();
    let apps = first(environment.apps, most);
    let more = (all > apps.len()).then(|| {
        view! {
            <p class="pad">
                <a href=format!("/environments/{}", environment.id)>
                    {format!("All {all} apps in {}", environment.name)}
                </a>
            </p>
        }
    });
    let body = if apps.is_empty() {
        view! {
            <p class="quiet pad">
                "No apps yet. "
                <a href=new.clone()>"Add the first one"</a>
            </p>
        }
        .into_any()
    } else {
        view! { <AppList apps now/> }.into_any()
    };
    view! {
        <div class="environment">
            <div class="environment-head">
                <h3>
                    <a href=format!("/environments/{}", environment.id)>{environment.name}</a>
                </h3>
                <a class="button small end" href=new aria-label=label>
                    <Icon name="plus"/>
                    "App"
                </a>
            </div>
            {body}
            {more}
        </div>
    }
}
