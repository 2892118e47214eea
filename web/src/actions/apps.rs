//! Apps: made, changed, run, removed.

use super::{Reply, app_form, ask::ask, go};
use crate::{
    api::{AppId, EnvironmentId, Error, Fault},
    http::{Cx, Done, Form},
};

/// Makes an app.
pub async fn create(cx: &Cx<'_>, environment: EnvironmentId, form: &Form) -> Result<Reply, Error> {
    let id = cx.api.create_app(&environment, app_form::new_app(form)?).await?;
    go(format!("/apps/{id}"), Done::AppCreated)
}

/// Changes source, build and settings.
pub async fn configure(cx: &Cx<'_>, id: AppId, form: &Form) -> Result<Reply, Error> {
    let stored = cx.api.configuration(&id).await?;
    cx.api.configure(&id, app_form::configuration(form, &stored)?).await?;
    go(format!("/apps/{id}/settings"), Done::SettingsSaved)
}

/// Runs it again.
pub async fn start(cx: &Cx<'_>, id: AppId) -> Result<Reply, Error> {
    cx.api.start(&id).await?;
    go(format!("/apps/{id}"), Done::Started)
}

/// Stops it.
pub async fn stop(cx: &Cx<'_>, id: AppId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/apps/{id}");
    let question = "The app stops answering until it is started again. Its replicas are kept.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Stop app", &back) {
        return Ok(reply);
    }
    cx.api.stop(&id).await?;
    go(back, Done::Stopped)
}

/// Replaces its tasks.
pub async fn restart(cx: &Cx<'_>, id: AppId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/apps/{id}");
    let question = "All replicas are replaced by new ones of the same release.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Restart app", &back) {
        return Ok(reply);
    }
    cx.api.restart(&id, None).await?;
    go(back, Done::Restarted)
}

/// Replaces the tasks of one of its services.
pub async fn restart_service(cx: &Cx<'_>, id: AppId, service: String, form: &Form) -> Result<Reply, Error> {
    let back = format!("/apps/{id}");
    let question = format!("All replicas of {service} are replaced by new ones of the same release.");
    if let Some(reply) = ask(cx, form, question, "Restart service", &back) {
        return Ok(reply);
    }
    cx.api.restart(&id, Some(&service)).await?;
    go(back, Done::ServiceRestarted)
}

/// Sets its replicas, or those of one of its services.
pub async fn scale(cx: &Cx<'_>, id: AppId, service: Option<String>, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let replicas = form.number("replicas", &mut faults);
    let Some(replicas) = replicas else {
        return Err(Error::Invalid(vec![Fault::new("replicas", "must be a whole number")]));
    };
    cx.api.scale(&id, service.as_deref(), replicas).await?;
    go(format!("/apps/{id}"), Done::Scaled)
}

/// Removes it; its name is the confirmation.
pub async fn delete(cx: &Cx<'_>, id: AppId, form: &Form) -> Result<Reply, Error> {
    let environment = cx.api.app(&id).await?.environment;
    cx.api.delete_app(&id, form.text("name"), form.flag("volumes")).await?;
    go(format!("/environments/{environment}"), Done::AppDeleted)
}
