//! Deployments: started, cancelled, returned to.

use super::{Reply, ask::ask, go};
use crate::{
    api::{AppId, DeploymentId, Error},
    http::{Cx, Done, Form},
};

/// Starts a deployment.
pub async fn deploy(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let reason = form.optional("reason");
    let id = cx.api.deploy(&app, reason.as_deref()).await?;
    go(format!("/deployments/{id}"), Done::Queued)
}

/// Starts a deployment of one service alone.
pub async fn deploy_service(cx: &Cx<'_>, app: AppId, service: String) -> Result<Reply, Error> {
    let id = cx.api.deploy_service(&app, &service).await?;
    go(format!("/deployments/{id}"), Done::Queued)
}

/// Asks a deployment to stop.
pub async fn cancel(cx: &Cx<'_>, id: DeploymentId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/deployments/{id}");
    let question = "The deployment stops at the next safe point. What serves now goes on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Cancel deployment", &back) {
        return Ok(reply);
    }
    cx.api.cancel(&id).await?;
    // The page itself says so, until it has stopped.
    Ok(Reply::Go { to: back, done: None })
}

/// Leads the next share of visitors over.
pub async fn go_on(cx: &Cx<'_>, id: DeploymentId) -> Result<Reply, Error> {
    cx.api.go_on(&id).await?;
    Ok(Reply::Go { to: format!("/deployments/{id}"), done: None })
}

/// Keeps the visitors where they are.
pub async fn hold(cx: &Cx<'_>, id: DeploymentId) -> Result<Reply, Error> {
    cx.api.hold(&id).await?;
    Ok(Reply::Go { to: format!("/deployments/{id}"), done: None })
}

/// Approves a deployment of somebody else.
pub async fn approve(cx: &Cx<'_>, id: DeploymentId, form: &Form) -> Result<Reply, Error> {
    cx.api.approve(&id, form.optional("comment").as_deref()).await?;
    go(format!("/deployments/{id}"), Done::Approved)
}

/// Rejects a deployment that awaits approval.
pub async fn reject(cx: &Cx<'_>, id: DeploymentId, form: &Form) -> Result<Reply, Error> {
    cx.api.reject(&id, form.optional("comment").as_deref()).await?;
    go(format!("/deployments/{id}"), Done::Rejected)
}

/// Starts the return to an older release.
pub async fn roll_back(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let question = format!(
        "Release #{} is applied again exactly as it was: image, settings and variables.",
        form.text("number")
    );
    if let Some(reply) = ask(cx, form, question, "Return to it", &format!("/apps/{app}/deployments")) {
        return Ok(reply);
    }
    let reason = form.optional("reason");
    let id = cx.api.roll_back(&app, &form.text("release").into(), reason.as_deref()).await?;
    go(format!("/deployments/{id}"), Done::RollingBack)
}
