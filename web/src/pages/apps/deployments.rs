//! What was tried, newest first, and the releases that can be returned to.

use leptos::prelude::*;

use crate::{
    api::{AppId, ReleaseView, Result, Time},
    components::{Ago, AppFrame, DeploymentList, Empty, Place, Section, Tab, short},
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// Lines on one page.
const LINES: u32 = 50;

/// An app's deployments; `?before=` leads to older ones.
pub async fn deployments(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let before = cx.query.text("before").parse().ok();
    let app = cx.api.app(&id).await?;
    let page = cx.api.deployments(&id, before, LINES).await?;
    let releases = if before.is_none() { cx.api.releases(&id).await? } else { Vec::new() };
    let now = cx.now();
    let rollback = cx.form("rollback", format!("/actions/apps/{id}/rollback"));
    let title = format!("Deployments of {}", app.line.name);
    Ok(Page::new(title, Place::Projects, move || {
        let older = page.next.map(|next| format!("/apps/{id}/deployments?before={next}"));
        let newest = before.map(|_| format!("/apps/{id}/deployments"));
        let about = match page.total {
            1 => "1 deployment.".to_owned(),
            total => format!("{total} deployments."),
        };
        let items = page.items;
        let list = if items.is_empty() {
            view! {
                <Empty title="No deployments yet" text="Deploy by hand, or let a push do it: see Webhooks.">
                    <a class="button primary" href=format!("/apps/{id}")>
                        "Deploy"
                    </a>
                    <a class="button" href=format!("/apps/{id}/webhooks")>
                        "Set up a webhook"
                    </a>
                </Empty>
            }
            .into_any()
        } else {
            view! { <DeploymentList items now/> }.into_any()
        };
        view! {
            <AppFrame app tab=Tab::Deployments>
                {(releases.len() > 1).then(|| kept(releases, &rollback, now))}
                <Section title="Deployments" about>
                    {list}
                    <nav class="pager" aria-label="Pages">
                        {newest.map(|to| view! { <a class="button small" href=to>"Newest"</a> })}
                        {older.map(|to| view! { <a class="button small end" href=to rel="next">"Older"</a> })}
                    </nav>
                </Section>
            </AppFrame>
        }
    }))
}

/// The releases to return to.
fn kept(releases: Vec<ReleaseView>, form: &FormState, now: Time) -> impl IntoView + use<> {
    let fault = form.faults().into_iter().next().map(|fault| fault.message);
    let rows: Vec<_> = releases.into_iter().map(|release| row(release, form, now)).collect();
    view! {
        <Section
            title="Releases"
            about="Returning applies a release again exactly as it was: image, settings and variables."
        >
            {fault.map(|fault| view! { <div class="faults" role="alert">{fault}</div> })}
            <ul class="list">{rows}</ul>
        </Section>
    }
}

fn row(release: ReleaseView, form: &FormState, now: Time) -> impl IntoView + use<> {
    let commit = release.commit.as_deref().map(|commit| short(commit).to_owned());
    let reason = format!("reason-{}", release.number);
    let end = if release.current {
        view! { <span class="tag good">"serving now"</span> }.into_any()
    } else if release.kept {
        view! {
            <form method="post" action=form.action.clone() class="row">
                <input type="hidden" name="release" value=release.id.to_string()/>
                <input type="hidden" name="number" value=release.number.to_string()/>
                <label for=reason.clone()>"Reason"</label>
                <input id=reason name="reason" autocomplete="off"/>
                <ConfirmButton
                    label="Return to this".into()
                    sure="Really return?".into()
                    class="button small".into()
                    name=format!("Return to this: #{}", release.number)
                />
            </form>
        }
        .into_any()
    } else {
        view! { <small class="quiet">"image is gone"</small> }.into_any()
    };
    view! {
        <li class="line">
            <span class="grow">
                <a href=format!("/deployments/{}", release.deployment)>{format!("#{}", release.number)}</a>
                " "
                {commit.map(|commit| view! { <code>{commit}</code> })}
                " "
                {release.title}
            </span>
            <small class="quiet">
                "live "
                <Ago at=release.created_at now/>
            </small>
            {end}
        </li>
    }
}
