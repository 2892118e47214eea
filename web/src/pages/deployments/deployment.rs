//! One deployment: its steps, its log, why it failed, what it changed.

use leptos::prelude::*;

use super::approvals::approvals;
use crate::{
    api::{
        AppId, Cause, DeploymentId, DeploymentState, DeploymentView, FailureView, PlanAction, Result,
        ShiftView, Time,
    },
    components::{
        Ago, Changes, DeploymentLog, Empty, Form, LogTail, Notice, Place, PlanList, Section, Steps, Text,
        cause_words, of_alone, prose, sentence,
    },
    http::{Cx, FormState},
    islands::{ConfirmButton, DeploymentProgress, LogEnd},
    pages::Page,
};

/// Log lines drawn with the page; the rest is behind the API.
const LINES: u32 = 2_000;

/// The page of a deployment; live while it runs, where scripts run.
pub async fn deployment(cx: &Cx<'_>, id: DeploymentId) -> Result<Page> {
    let deployment = cx.api.deployment(&id).await?;
    let lines = cx.api.deployment_log(&id, LINES).await?;
    let said = cx.api.approvals(&id).await?;
    let now = cx.now();
    let approve = cx.form("approve", format!("/actions/deployments/{id}/approve"));
    let reject = cx.form("reject", format!("/actions/deployments/{id}/reject"));
    let cancel = cx.form("cancel", format!("/actions/deployments/{id}/cancel"));
    let go_on = cx.form("go-on", format!("/actions/deployments/{id}/go-on"));
    let hold = cx.form("hold", format!("/actions/deployments/{id}/hold"));
    let rollback = cx.form("rollback", format!("/actions/apps/{}/rollback", deployment.line.app));
    let title = format!("#{} of {}", deployment.line.number, deployment.app_name);
    Ok(Page::new(title, Place::Projects, move || {
        let ended = deployment.line.state.ended();
        let after = lines.last().map_or(0, |line| line.seq);
        let head = head(&deployment, now);
        let failure = deployment
            .failure
            .clone()
            .map(|failure| failure_card(failure, deployment.line.state, &deployment.line.app));
        let commands = commands(&deployment, &cancel, &rollback);
        let shift = deployment.shift.clone().map(|shift| shift_card(&shift, &go_on, &hold, now));
        let live = (!ended).then(|| {
            view! {
                <DeploymentProgress id=id.to_string() after/>
                <span class="without-script quiet">"Reload the page to see more."</span>
            }
        });
        let no_lines = lines.is_empty() && ended;
        view! {
            {head}
            {shift}
            {commands}
            {approvals(said, approve, reject, now)}
            <section class="card">
                <header class="card-head row">
                    <h2>"Steps"</h2>
                    {live}
                </header>
                <Steps steps=deployment.steps now/>
            </section>
            {failure}
            <section class="card log-card">
                <header class="card-head row">
                    <h2>"Log"</h2>
                    <small class="quiet">"times in UTC"</small>
                    {ended.then(|| view! { <LogEnd/> })}
                </header>
                {if no_lines {
                    view! { <Empty title="No log" text="This deployment ended before it wrote anything."/> }
                        .into_any()
                } else {
                    view! { <DeploymentLog lines/> }.into_any()
                }}
            </section>
            {deployment
                .release_diff
                .filter(|changes| !changes.is_empty())
                .map(|changes| {
                    view! {
                        <Section title="What changed" about="Compared with the release before it.">
                            <Changes changes of="the release"/>
                        </Section>
                    }
                })}
            {deployment.plan.map(|actions| plan(actions, ended))}
        }
    }))
}

/// What the engine was told. Once all is over it is there for whoever asks.
fn plan(actions: Vec<PlanAction>, ended: bool) -> impl IntoView {
    let calls = match actions.len() {
        0 => "nothing to do".to_owned(),
        1 => "1 call to the engine".to_owned(),
        n => format!("{n} calls to the engine, in order"),
    };
    view! {
        <details class="card" open=!ended>
            <summary class="card-head">
                <h2>"Plan"</h2>
                <span class="quiet">{calls}</span>
            </summary>
            <PlanList actions/>
            <p class="hint">"Values of secrets are never shown."</p>
        </details>
    }
}

/// Where it belongs, its state, and its facts.
fn head(deployment: &DeploymentView, now: Time) -> impl IntoView + use<> {
    let line = deployment.line.clone();
    let (word, tone) = line.state.words();
    let reason = match &line.cause {
        Cause::Person { .. } | Cause::Rollback { .. } => line.reason.clone(),
        Cause::Webhook { .. } | Cause::Poll => None,
    };
    let took =
        line.started_at.zip(line.finished_at).map(|(start, end)| format!(", took {}", start.span(end)));
    let runs = line.started_at.filter(|_| took.is_none() && !line.state.ended()).map(|start| {
        // True when the page is drawn only; where it is live the steps tell.
        view! { <span class="without-script">{format!(", running for {}", start.span(now))}</span> }
    });
    let alone = (!line.services.is_empty()).then(|| of_alone(&line.services));
    let commit = line.commit.clone().map(|commit| {
        view! {
            <dt>"Commit"</dt>
            <dd>
                <code class="break">{commit}</code>
                {line.title.map(|title| view! { <span class="block">{title}</span> })}
                {line.author.map(|author| view! { <small class="quiet block">{author}</small> })}
            </dd>
        }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href=format!("/apps/{}", line.app)>{line.app_title}</a>
            <span aria-hidden="true">"/"</span>
            <a href=format!("/apps/{}/deployments", line.app)>"Deployments"</a>
        </nav>
        <header class="page-head">
            <h1>{format!("Deployment #{}", line.number)}</h1>
            <span id="state" class="badge" data-tone=tone>
                {word}
            </span>
        </header>
        <dl class="facts wide">
            <dt>"Started by"</dt>
            <dd>
                {cause_words(&line.cause)} ", " <Ago at=line.created_at now/>
                {took} {runs}
            </dd>
            {alone
                .map(|services| {
                    view! {
                        <dt>"Services"</dt>
                        <dd>{services}</dd>
                    }
                })}
            {reason
                .map(|reason| {
                    view! {
                        <dt>"Reason"</dt>
                        <dd>{reason}</dd>
                    }
                })}
            {commit}
        </dl>
    }
}

/// Why it did not become live, in words, with the last lines of what failed.
fn failure_card(failure: FailureView, state: DeploymentState, app: &AppId) -> AnyView {
    if matches!(state, DeploymentState::Cancelled | DeploymentState::Rejected) {
        return view! {
            <Notice tone="info">{sentence(&failure.message)} " What served before goes on serving."</Notice>
        }
        .into_any();
    }
    let (_, step) = failure.step.words();
    let serving = match state {
        DeploymentState::RolledBack => "The release before it serves, and is verified.",
        DeploymentState::RollbackIncomplete => {
            "The return to the release before it is not proven. Look at the app, and act."
        }
        _ => "What served before goes on serving.",
    };
    let help = help(&failure.code, app).map(|(to, text)| {
        view! {
            <p>
                <a href=to>{text}</a>
            </p>
        }
    });
    view! {
        <section class="card failed">
            <header class="card-head row">
                <h2>{format!("Failed in {step}")}</h2>
                <code>{failure.code}</code>
            </header>
            <Notice tone="bad">
                <p>{prose(&sentence(&failure.message))}</p>
                <p>
                    <strong>{serving}</strong>
                </p>
                {help}
            </Notice>
            {(!failure.log_tail.is_empty())
                .then(|| view! { <LogTail lines=failure.log_tail/> })}
        </section>
    }
    .into_any()
}

/// Where to mend what failed with that code, and what to press there.
fn help(code: &str, app: &AppId) -> Option<(String, &'static str)> {
    match code {
        "host_key_changed" => Some(("/credentials#hosts".to_owned(), "See the trusted ssh hosts")),
        "unknown_reference" => Some((format!("/apps/{app}/variables"), "See the app's variables")),
        "unauthorized" | "credential_missing" | "credential_host" => {
            Some((format!("/apps/{app}/settings"), "Choose a credential in the app's settings"))
        }
        _ => None,
    }
}

/// Where visitors are, and what may be said about it.
fn shift_card(shift: &ShiftView, go_on: &FormState, hold: &FormState, now: Time) -> impl IntoView + use<> {
    let (weight, last) = (shift.weight, shift.step == shift.steps);
    let words = match (shift.by_hand, last) {
        (true, _) => "It stays so until somebody says otherwise.",
        (false, true) => "Then the old version goes.",
        (false, false) => "Then more of them are.",
    };
    let (until, by_hand) = (shift.until, shift.by_hand);
    let next = if last { "Finish: let the old version go" } else { "Lead more visitors over now" };
    view! {
        <section class="card">
            <header class="card-head row">
                <h2>{format!("{weight} of 100 visitors are led to the new version")}</h2>
            </header>
            <meter class="share" min="0" max="100" value=weight.to_string()>{format!("{weight} %")}</meter>
            <p class="quiet">
                {format!("Step {} of {}. ", shift.step, shift.steps)}
                {(!by_hand).then(|| view! { "For " {now.span(until)} " more. " })}
                {words}
                " Cancelling leads all of them back to the old version at once."
            </p>
            <div class="row">
                <Form state=go_on.clone() class="row">
                    <button class="button" type="submit">{next}</button>
                </Form>
                {(!by_hand)
                    .then(|| {
                        view! {
                            <Form state=hold.clone() class="row">
                                <button class="button quiet" type="submit">"Hold it here"</button>
                            </Form>
                        }
                    })}
            </div>
        </section>
    }
}

/// Cancel it, or return to it.
fn commands(deployment: &DeploymentView, cancel: &FormState, rollback: &FormState) -> impl IntoView + use<> {
    if deployment.cancelling && !deployment.line.state.ended() {
        return view! {
            <Notice tone="info">"Cancelling: it stops at the next safe point."</Notice>
        }
        .into_any();
    }
    if !deployment.line.state.ended() {
        let cancel = cancel.clone();
        return view! {
            <Form state=cancel class="row">
                <ConfirmButton
                    label="Cancel deployment".into()
                    sure="Really cancel?".into()
                    class="button danger".into()
                    name=String::new()
                />
            </Form>
        }
        .into_any();
    }
    match deployment.release.clone() {
        Some(release) if release.kept && !release.current => {
            let (state, reason) = (rollback.clone(), rollback.clone());
            view! {
                <Form state class="row">
                    <input type="hidden" name="release" value=release.id.to_string()/>
                    <input type="hidden" name="number" value=release.number.to_string()/>
                    <Text state=reason name="reason" label="Reason" optional=true/>
                    <ConfirmButton
                        label="Return to this release".into()
                        sure="Really return?".into()
                        class="button".into()
                        name=String::new()
                    />
                </Form>
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}
