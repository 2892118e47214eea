//! `skep environments`.

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
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
    /// An environment and what it asks of deployments
    Show {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        name: EnvironmentName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Protect an environment: what is not said is not asked for
    ///
    ///   skep environments protect shop/production --approvals 2 --reason-required --branch main
    #[command(verbatim_doc_comment)]
    Protect {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        name: EnvironmentName,
        /// How many other people must approve a deployment, 0 to 2
        #[arg(long, default_value_t = 0)]
        approvals: i64,
        /// Who deploys must say why
        #[arg(long)]
        reason_required: bool,
        /// A branch or tags that may be deployed, as `main` or `v*`; may be repeated
        #[arg(long = "branch", value_name = "GLOB")]
        branches: Vec<String>,
        /// Pushes do not deploy, not even with approval
        #[arg(long)]
        no_pushes: bool,
        /// To return to an older release needs approval as well
        #[arg(long)]
        approve_rollbacks: bool,
    },
    /// Take the protection of an environment away
    Unprotect {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        name: EnvironmentName,
    },
    /// Remove all apps of an environment with what is their own; the environment stays
    Reset {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        name: EnvironmentName,
        /// Their volumes, and the data in them, too
        #[arg(long)]
        volumes: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Remove an environment that has no apps
    Delete {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        name: EnvironmentName,
        /// Do not ask
        #[arg(long)]
        yes: bool,
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
            say(format_args!("made environment {name}"));
        }
        Verb::Show { name, how } => {
            let id = name.id(api).await?;
            let mut shown = api.get(&format!("/environments/{id}/protection")).await?;
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("name".into(), name.to_string().into());
                shown.insert("id".into(), id.into());
                let branches = shown.get("branches").and_then(Value::as_array).cloned().unwrap_or_default();
                let branches: Vec<&str> = branches.iter().filter_map(Value::as_str).collect();
                shown.insert("branch".into(), Some(branches.join(", ")).filter(|b| !b.is_empty()).into());
            }
            let lines = [
                ("name", "name"),
                ("protected", "protected"),
                ("approvals", "approvals"),
                ("reason required", "reason_required"),
                ("branches", "branch"),
                ("pushes deploy", "pushes"),
                ("free rollback", "rollback_without_approval"),
                ("id", "id"),
            ];
            show::one(&shown, how, &lines);
        }
        Verb::Protect { name, approvals, reason_required, branches, no_pushes, approve_rollbacks } => {
            let body = json!({
                "protected": true,
                "approvals": approvals,
                "reason_required": reason_required,
                "branches": branches,
                "pushes": !no_pushes,
                "rollback_without_approval": !approve_rollbacks,
            });
            api.put(&format!("/environments/{}/protection", name.id(api).await?), &body).await?;
            say(format_args!("{name} is protected"));
        }
        Verb::Unprotect { name } => {
            let body = json!({"protected": false});
            api.put(&format!("/environments/{}/protection", name.id(api).await?), &body).await?;
            say(format_args!("{name} is not protected any more"));
        }
        Verb::Reset { name, volumes, yes } => {
            let id = name.id(api).await?;
            ask::sure(yes, &name.to_string())?;
            let begun = api.post(&format!("/environments/{id}/reset"), &json!({"volumes": volumes})).await?;
            say(format_args!("{name}: {} apps are being removed", cell(&begun, "apps")));
        }
        Verb::Delete { name, yes } => {
            let id = name.id(api).await?;
            ask::sure(yes, &name.to_string())?;
            api.delete(&format!("/environments/{id}")).await?;
            say(format_args!("removed {name}"));
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
