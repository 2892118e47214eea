//! How an app stands: what serves, its replicas, and the commands at hand.

use leptos::prelude::*;

use super::{services, traffic};
use crate::{
    api::{AppId, AppState, AppView, ReleaseView, Result, Source, TaskView, Time},
    components::{
        Ago, AppFrame, Badge, DeploymentList, Empty, Form, Notice, Place, Section, Submit, Tab, Text,
        capital, prose, sentence, short,
    },
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// Tasks that ended, shown at most: the newest.
const ENDED: usize = 3;

/// The forms of the page.
struct Forms {
    deploy: FormState,
    scale: FormState,
    upload: FormState,
    start: FormState,
    stop: FormState,
    restart: FormState,
}

/// The overview of an app.
pub async fn overview(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let history = cx.api.deployments(&id, None, 5).await?;
    let uploads = matches!(cx.api.configuration(&id).await?.source, Source::Upload { .. });
    // Who may not read logs, and an app without domains, have no line of it.
    let seen = cx.api.traffic(&id, 3_600, None).await.ok().filter(|seen| !seen.domains.is_empty());
    let now = cx.now();
    let several = services::shown(cx, &app);
    let deploys = cx.may("deploy");
    let form = |key, path: &str| cx.form(key, format!("/actions/apps/{id}/{path}"));
    let forms = Forms {
        deploy: form("deploy", "deploy"),
        scale: form("scale", "scale"),
        upload: form("upload", "upload"),
        start: form("start", "start"),
        stop: form("stop", "stop"),
        restart: form("restart", "restart"),
    };
    Ok(Page::new(app.line.name.clone(), Place::Projects, move || {
        let services = services::services(&app, several);
        let tasks = tasks(&app, now);
        let serving = serving(app.release.clone(), now);
        let empty = app.line.state == AppState::Empty && history.items.is_empty();
        let changed = app.changed && !empty;
        // Who may not is shown no button for it; a form that is sent all the same is refused.
        let deploy = deploys.then(|| deploy_card(&id, &forms, empty, uploads));
        let run = (deploys && app.line.state != AppState::Empty).then(|| run_card(&app, &forms));
        let more = format!("/apps/{id}/deployments");
        let seen = seen.map(|seen| {
            let text = match seen.sum.requests {
                0 => "No requests in the last hour.".to_owned(),
                _ => format!("In the last hour {}.", traffic::summary(&seen.sum)),
            };
            view! {
                <Section title="Traffic">
                    <p>
                        {text} " "
                        <a href=format!("/apps/{id}/traffic")>"All traffic"</a>
                    </p>
                </Section>
            }
        });
        let items = history.items;
        view! {
            <AppFrame app tab=Tab::Overview>
                {changed
                    .then(|| {
                        view! {
                            <Notice tone="info">
                                "Settings or variables changed since the last deployment. Deploy to apply them all; a new number of replicas is applied already."
                            </Notice>
                        }
                    })}
                <div class="split">
                    <div>
                        {serving}
                        {services}
                        {tasks}
                        {seen}
                        {(!items.is_empty())
                            .then(|| {
                                view! {
                                    <Section title="Last deployments">
                                        <DeploymentList items now/>
                                        <p class="pad">
                                            <a href=more>"All deployments"</a>
                                        </p>
                                    </Section>
                                }
                            })}
                    </div>
                    <div>{deploy} {run}</div>
                </div>
            </AppFrame>
        }
    }))
}

/// Deploying, or uploading first.
fn deploy_card(id: &AppId, forms: &Forms, empty: bool, uploads: bool) -> impl IntoView + use<> {
    let plan = format!("/apps/{id}/plan");
    let upload = uploads.then(|| {
        let form = forms.upload.clone();
        let id = form.id("archive");
        let fault = form.fault("archive");
        view! {
            <Section title="Upload" about="A .tar.gz or .zip of the app's folder, or by skep deploy.">
                <Form state=form files=true>
                    <div class="field">
                        <label for=id.clone()>"Archive"</label>
                        <input id=id name="archive" type="file" required=true/>
                        {fault.map(|fault| view! { <p class="fault">{prose(&sentence(&fault))}</p> })}
                    </div>
                    <div class="row">
                        <Submit label="Upload archive" quiet=true/>
                    </div>
                </Form>
            </Section>
        }
    });
    let about = if empty {
        "Nothing runs yet. The first deployment fetches the source, builds it and puts it live."
    } else {
        "Builds the newest source with today's settings. What serves now goes on until the new one is proven healthy."
    };
    let deploy = forms.deploy.clone();
    view! {
        {upload}
        <Section title="Deploy" about>
            <Form state=deploy.clone()>
                <Text
                    state=deploy
                    name="reason"
                    label="Reason"
                    optional=true
                    placeholder="New prices"
                />
                <div class="row">
                    <Submit label="Deploy now"/>
                    <a href=plan>"What would a deployment change?"</a>
                </div>
            </Form>
        </Section>
    }
}

/// Scale, stop, start, restart.
fn run_card(app: &AppView, forms: &Forms) -> impl IntoView + use<> {
    let stopped = app.line.state == AppState::Stopped;
    let name = app.line.name.clone();
    let scale = forms.scale.clone();
    let replicas = app.replicas.to_string();
    let (restart_name, stop_name) = (format!("Restart {name}"), format!("Stop {name}"));
    let switch = if stopped {
        let start = forms.start.clone();
        view! {
            <Form state=start class="row">
                <Submit label="Start" quiet=true/>
            </Form>
        }
        .into_any()
    } else {
        let (stop, restart) = (forms.stop.clone(), forms.restart.clone());
        view! {
            <Form state=restart class="row">
                <ConfirmButton
                    label="Restart".into()
                    sure="Really restart?".into()
                    class="button".into()
                    name=restart_name
                />
            </Form>
            <Form state=stop class="row">
                <ConfirmButton
                    label="Stop".into()
                    sure="Really stop?".into()
                    class="button danger".into()
                    name=stop_name
                />
            </Form>
        }
        .into_any()
    };
    // Services of a Compose app are scaled one by one.
    let scale = app.services.is_empty().then(|| {
        view! {
            <Form state=scale.clone()>
                <div class="inline">
                    <Text
                        state=scale
                        name="replicas"
                        label="Replicas"
                        kind="number"
                        value=replicas
                        required=true
                    />
                    <Submit label="Scale" quiet=true/>
                </div>
            </Form>
        }
    });
    view! {
        <Section title="Run">
            {scale}
            <div class="row">{switch}</div>
        </Section>
    }
}

/// What serves now.
fn serving(release: Option<ReleaseView>, now: Time) -> impl IntoView {
    release.map(|release| {
        let commit = release.commit.as_deref().map(|commit| short(commit).to_owned());
        let images: Vec<_> =
            release.images.into_iter().map(|image| view! { <code class="break">{image}</code> }).collect();
        view! {
            <Section title="Serving now">
                <dl class="facts">
                    <dt>"Release"</dt>
                    <dd>
                        <a href=format!(
                            "/deployments/{}",
                            release.deployment,
                        )>{format!("#{}", release.number)}</a>
                        " since "
                        <Ago at=release.created_at now/>
                    </dd>
                    {commit
                        .map(|commit| {
                            view! {
                                <dt>"Commit"</dt>
                                <dd>
                                    <code>{commit}</code>
                                    " "
                                    {release.title}
                                </dd>
                            }
                        })}
                    <dt>"Image"</dt>
                    <dd>{images}</dd>
                </dl>
            </Section>
        }
    })
}

/// The tasks as the engine tells them, or that it does not.
fn tasks(app: &AppView, now: Time) -> impl IntoView + use<> {
    let title = match (app.line.running, app.line.wanted) {
        (_, 0) => "Replicas".to_owned(),
        _ if app.line.state == AppState::Empty => "Replicas".to_owned(),
        (Some(running), wanted) => format!("Replicas: {running} of {wanted} healthy"),
        (None, wanted) => format!("Replicas: {wanted} wanted, state unknown"),
    };
    if app.line.state == AppState::Empty {
        let text = match app.active {
            Some(_) => "The first deployment is under way; its replicas appear here once it runs.",
            None => "Deploy to put it live.",
        };
        return view! {
            <Section title>
                <Empty title="Nothing runs yet" text/>
            </Section>
        }
        .into_any();
    }
    let Some(tasks) = app.tasks.clone() else {
        let reason = sentence(app.unknown_reason.as_deref().unwrap_or("The engine does not answer"));
        return view! {
            <Section title>
                <Notice tone="warn">
                    "What runs now is not known. " {prose(&reason)}
                </Notice>
            </Section>
        }
        .into_any();
    };
    if tasks.is_empty() {
        return match app.line.state {
            AppState::Stopped => view! {
                <Section title>
                    <Empty title="Stopped" text="Nothing runs. Start it again at any time: its replicas are kept."/>
                </Section>
            }
            .into_any(),
            _ => view! {
                <Section title>
                    <Empty title="Nothing runs" text="The engine has no task of it. Look at the logs, or deploy again."/>
                </Section>
            }
            .into_any(),
        };
    }
    // What runs first, then what comes, then what was.
    let mut tasks = tasks;
    tasks.sort_by_key(|task| match tone(task) {
        "good" => 0,
        "busy" => 1,
        _ => 2,
    });
    let over = tasks.iter().position(|task| !matches!(tone(task), "good" | "busy")).unwrap_or(tasks.len());
    tasks.truncate(over + ENDED);
    let rows: Vec<_> = tasks.into_iter().map(|task| row(task, now)).collect();
    view! {
        <Section title>
            <ul class="list">{rows}</ul>
        </Section>
    }
    .into_any()
}

fn tone(task: &TaskView) -> &'static str {
    match (task.healthy, task.state.as_str()) {
        (true, _) => "good",
        (_, "failed" | "rejected" | "orphaned") => "bad",
        (_, "shutdown" | "complete" | "remove") => "off",
        _ => "busy",
    }
}

fn row(task: TaskView, now: Time) -> impl IntoView {
    let tone = tone(&task);
    view! {
        <li class="line">
            <span class="grow">
                <strong>{task.slot}</strong>
                <span class="quiet">{format!(" on {}", task.node)}</span>
                {task.error.map(|error| view! { <small class="failure-line">{error}</small> })}
            </span>
            <Badge text=capital(&task.state) tone/>
            <small class="quiet">
                <Ago at=task.since now/>
            </small>
        </li>
    }
}
