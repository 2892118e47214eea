//! `skep environments`.

use serde_json::{Value, json};

use super::{
    api::Api,
    fault::Failure,
    place::{EnvironmentName, project},
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// All environments with their projects
    List {
        /// Only of this project
        #[arg(long)]
        project: Option<String>,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Make an environment: `skep environments create shop/staging`
    Create {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        name: EnvironmentName,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { project: only, how } => {
            let projects = match only {
                Some(name) => vec![project(api, &name).await?],
                None => api.list("/projects").await?,
            };
            let columns = [("PROJECT", "project_name"), ("NAME", "name"), ("MADE", "created_at")];
            show::list(&of(&projects), how, &columns);
        }
        Verb::Create { name } => {
            let project = project(api, &name.project).await?;
            let address = format!("/projects/{}/environments", cell(&project, "id"));
            api.post(&address, &json!({"name": name.environment})).await?;
            say(format_args!("made environment {}/{}", name.project, name.environment));
        }
    }
    Ok(())
}

/// Their environments, each with the name of its project.
fn of(projects: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for project in projects {
        for environment in project.get("environments").and_then(Value::as_array).into_iter().flatten() {
            let mut environment = environment.clone();
            if let Some(environment) = environment.as_object_mut() {
                environment.insert("project_name".into(), cell(project, "name").into());
            }
            all.push(environment);
        }
    }
    all
}
