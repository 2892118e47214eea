//! Projects and environments.

use super::{Reply, ask::ask, go};
use crate::{
    api::{EnvironmentId, Error, ProjectId},
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

/// Deletes an empty environment.
pub async fn delete_environment(cx: &Cx<'_>, id: EnvironmentId, form: &Form) -> Result<Reply, Error> {
    let back = format!("/environments/{id}");
    let question = "The environment, its network and its shared variables are deleted.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Delete environment", &back) {
        return Ok(reply);
    }
    let project = cx.api.environment(&id).await?.project;
    cx.api.delete_environment(&id).await?;
    go(format!("/projects/{project}"), Done::EnvironmentDeleted)
}
