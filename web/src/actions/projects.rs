//! Projects and environments.

use super::{Reply, ask::ask, go};
use crate::{
    api::{EnvironmentId, Error, ProjectId, ProtectionView},
    http::{Cx, Done, Form},
};

/// Makes a project with its first environment.
pub async fn create(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let (name, title) = (form.text("name"), form.text("title"));
    let id = cx.api.create_project(name, title, form.text("environment")).await?;
    go(format!("/projects/{id}"), Done::ProjectCreated)
}

/// Deletes an empty project.
pub async fn delete(cx: &Cx<'_>, id: ProjectId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/projects/{id}");
    let question = "The project, its environments and their shared variables are deleted.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Delete project", &back) {
        return Ok(reply);
    }
    cx.api.delete_project(&id).await?;
    go("/", Done::ProjectDeleted)
}

/// Adds an environment.
pub async fn add_environment(cx: &Cx<'_>, id: ProjectId, form: &Form) -> Result<Reply, Error> {
    let environment = cx.api.create_environment(&id, form.text("name")).await?;
    go(format!("/environments/{environment}"), Done::EnvironmentCreated)
}

/// Protects an environment, or takes its protection away.
pub async fn protect(cx: &Cx<'_>, id: EnvironmentId, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let rules = ProtectionView {
        protected: form.flag("protected"),
        approvals: form.number("approvals", &mut faults).unwrap_or_default(),
        reason_required: form.flag("reason_required"),
        branches: form.lines("branches"),
        pushes: form.flag("pushes"),
        rollback_without_approval: form.flag("rollback_without_approval"),
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    cx.api.protect(&id, rules).await?;
    go(format!("/environments/{id}"), Done::Protected)
}

/// Removes all apps of an environment.
pub async fn reset_environment(cx: &Cx<'_>, id: EnvironmentId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/environments/{id}");
    let question = match form.flag("volumes") {
        true => "All apps of the environment are removed with their volumes: the data in them is lost.",
        false => "All apps of the environment are removed. Their volumes stay.",
    };
    if let Some(reply) = ask(cx, form, question.to_owned(), "Reset environment", &back) {
        return Ok(reply);
    }
    cx.api.reset_environment(&id, form.flag("volumes")).await?;
    go(back, Done::EnvironmentReset)
}

/// Deletes an empty environment.
pub async fn delete_environment(cx: &Cx<'_>, id: EnvironmentId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/environments/{id}");
    let question =
        "The environment, its network, its shared variables and its own credentials are deleted.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Delete environment", &back) {
        return Ok(reply);
    }
    let project = cx.api.environment(&id).await?.project;
    cx.api.delete_environment(&id).await?;
    go(format!("/projects/{project}"), Done::EnvironmentDeleted)
}
