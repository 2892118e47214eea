//! What a running app says.

use leptos::prelude::*;

use crate::{
    api::{AppId, AppState, Error, Result},
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
    let lines = match cx.api.app_log(&id, TAIL).await {
        Ok(lines) => Ok(lines),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error) => return Err(error),
    };
    Ok(Page::new(format!("Logs of {}", app.line.name), Place::Projects, move || {
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
                    <AppLog id=id.to_string() tail=TAIL/>
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
