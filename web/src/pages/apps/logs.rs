//! What a running app says.

use leptos::prelude::*;

use crate::{
    api::{AppId, AppState, AppView, Error, Result},
    components::{AppFrame, AppLogLines, Empty, Notice, Place, Tab, prose, sentence},
    http::Cx,
    islands::AppLog,
    pages::Page,
};

/// Lines to begin with.
const TAIL: u32 = 300;

/// The last lines; live where scripts run.
pub async fn logs(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let never = app.line.state == AppState::Empty;
    let service = Some(cx.query.text("service").to_owned()).filter(|name| !name.is_empty());
    let lines = match cx.api.app_log(&id, service.as_deref(), TAIL).await {
        Ok(lines) => Ok(lines),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error) => return Err(error),
    };
    Ok(Page::new(format!("Logs of {}", app.line.name), Place::Projects, move || {
        let which = which(&app, service.as_deref());
        let of = service.map(|service| format!("&service={service}")).unwrap_or_default();
        let stream = format!("/events/apps/{id}/logs?tail={TAIL}{of}");
        let body = match lines {
            Err(reason) => view! {
                <Notice tone="warn">"The log is not available now. " {prose(&sentence(&reason))}</Notice>
            }
            .into_any(),
            Ok(lines) if lines.is_empty() && never => view! {
                <section class="card">
                    <Empty title="Nothing has run yet" text="Deploy the app; what it prints appears here.">
                        <a class="button primary" href=format!("/apps/{id}")>
                            "Deploy"
                        </a>
                    </Empty>
                </section>
            }
            .into_any(),
            Ok(lines) => view! {
                <section class="card log-card">
                    {which}
                    <AppLog path=stream/>
                    <p class="without-script pad quiet">
                        {format!("The last {TAIL} lines, times in UTC. Reload the page to see newer ones.")}
                    </p>
                    <AppLogLines lines/>
                </section>
            }
            .into_any(),
        };
        view! {
            <AppFrame app tab=Tab::Logs>
                {body}
            </AppFrame>
        }
    }))
}

/// All services of a Compose app, or one.
fn which(app: &AppView, chosen: Option<&str>) -> impl IntoView + use<> {
    let page = format!("/apps/{}/logs", app.line.id);
    let link = |text: String, href: String, here: bool| {
        let current = here.then_some("page");
        view! {
            <a href=href aria-current=current>
                {text}
            </a>
        }
    };
    let mut links = vec![link("All services".to_owned(), page.clone(), chosen.is_none())];
    links.extend(app.services.iter().map(|service| {
        let here = chosen == Some(service.name.as_str());
        link(service.name.clone(), format!("{page}?service={}", service.name), here)
    }));
    (links.len() > 1).then(|| {
        view! {
            <nav class="row pad" aria-label="Services of the log">
                {links}
            </nav>
        }
    })
}
