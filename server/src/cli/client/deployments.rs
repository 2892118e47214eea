//! `skep deployments`.

use serde_json::{Value, json};

use super::{
    api::Api,
    fault::Failure,
    follow,
    place::{AppName, DeploymentName},
    show::{self, ListArgs, cell, plain},
};
use crate::cli::{DONE, say};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The deployments of an app, newest first
    List {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// One deployment: its id, an app for its newest one, or `app:7`
    Show {
        deployment: DeploymentName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// What a deployment wrote: `skep deployments log web`, `skep deployments log web:7`
    Log { deployment: DeploymentName },
    /// Show a deployment until it ended; the exit code is that of `skep deploy --wait`
    Watch { deployment: DeploymentName },
    /// Stop a deployment; what serves goes on serving
    Cancel { deployment: DeploymentName },
    /// Lead the next share of visitors to a new version now: `skep deployments go-on web`
    GoOn { deployment: DeploymentName },
    /// Keep visitors where they are until somebody says `go-on`
    Hold { deployment: DeploymentName },
    /// Approve a deployment that somebody else asked for: `skep deployments approve web:7`
    Approve {
        deployment: DeploymentName,
        /// Why, for the record
        #[arg(long)]
        comment: Option<String>,
    },
    /// Reject a deployment that awaits approval: it ends
    Reject {
        deployment: DeploymentName,
        /// Why, for the record
        #[arg(long)]
        comment: Option<String>,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<u8, Failure> {
    match verb {
        Verb::List { app, how } => {
            let all = api.list(&format!("{}/deployments", app.address(api).await?)).await?;
            let columns = [
                ("NUMBER", "number"),
                ("STATE", "state"),
                ("COMMIT", "commit"),
                ("TITLE", "title"),
                ("QUEUED", "created_at"),
            ];
            show::list(&all, how, &columns);
        }
        Verb::Show { deployment, how } => {
            let id = deployment.id(api).await?;
            let deployment = api.get(&format!("/deployments/{id}")).await?;
            let lines = [
                ("number", "number"),
                ("state", "state"),
                ("cause", "cause.kind"),
                ("reason", "reason"),
                ("commit", "commit"),
                ("title", "title"),
                ("author", "author"),
                ("failed at", "failure.step"),
                ("why", "failure.message"),
                ("queued", "created_at"),
                ("begun", "started_at"),
                ("ended", "finished_at"),
                ("id", "id"),
            ];
            show::one(&deployment, how, &lines);
            if !how.json {
                let shift = api.get(&format!("/deployments/{id}/shift")).await?;
                if !shift.is_null() {
                    say(format_args!("{}", words(&shift)));
                }
                approvals(&id, api).await?;
                let wrote = deployment.pointer("/failure/log_tail").and_then(Value::as_array);
                for line in wrote.into_iter().flatten().filter_map(Value::as_str) {
                    say(format_args!("  | {}", plain(line)));
                }
            }
        }
        Verb::Log { deployment } => log(&deployment.id(api).await?, api).await?,
        Verb::Watch { deployment } => return follow::run(&deployment.id(api).await?, api).await,
        Verb::GoOn { deployment } => shift(&deployment.id(api).await?, "go-on", api).await?,
        Verb::Hold { deployment } => shift(&deployment.id(api).await?, "hold", api).await?,
        Verb::Approve { deployment, comment } => {
            decide(&deployment.id(api).await?, "approve", comment, api).await?;
        }
        Verb::Reject { deployment, comment } => {
            decide(&deployment.id(api).await?, "reject", comment, api).await?;
        }
        Verb::Cancel { deployment } => {
            let id = deployment.id(api).await?;
            let deployment = api.order(&format!("/deployments/{id}/cancel")).await?;
            let stands = match deployment.get("cancelling").and_then(Value::as_bool) {
                Some(true) => "is being cancelled".to_owned(),
                _ => format!("is {}", cell(&deployment, "state").replace('_', " ")),
            };
            say(format_args!("deployment {} {stands}", cell(&deployment, "number")));
        }
    }
    Ok(DONE)
}

/// Says how visitors are to be led, and where they are.
async fn shift(id: &str, verb: &str, api: &Api) -> Result<(), Failure> {
    let shift = api.order(&format!("/deployments/{id}/{verb}")).await?;
    say(format_args!("{}", words(&shift)));
    Ok(())
}

fn words(shift: &Value) -> String {
    let (weight, step, steps) = (cell(shift, "weight"), cell(shift, "step"), cell(shift, "steps"));
    let until = match shift.get("by_hand") {
        Some(Value::Bool(true)) => "somebody says `skep deployments go-on`".to_owned(),
        _ => show::moment(&cell(shift, "until")).unwrap_or_default(),
    };
    format!("{weight} of 100 visitors are led to the new version (step {step} of {steps}), until {until}")
}

/// Says yes or no to a deployment, and how it stands then.
async fn decide(id: &str, verb: &str, comment: Option<String>, api: &Api) -> Result<(), Failure> {
    let deployment = api.post(&format!("/deployments/{id}/{verb}"), &json!({"comment": comment})).await?;
    let (number, state) = (cell(&deployment, "number"), cell(&deployment, "state").replace('_', " "));
    say(format_args!("deployment {number} is {state}"));
    if state.starts_with("awaiting") { approvals(id, api).await } else { Ok(()) }
}

/// Who approved or rejected it, and how many must still.
async fn approvals(id: &str, api: &Api) -> Result<(), Failure> {
    let all = api.get(&format!("/deployments/{id}/approvals")).await?;
    for item in all.get("items").and_then(Value::as_array).into_iter().flatten() {
        let said = if item.get("approved") == Some(&Value::Bool(true)) { "approved" } else { "rejected" };
        let at = show::moment(&cell(item, "at")).unwrap_or_default();
        let comment = item.get("comment").and_then(Value::as_str).map(|text| format!(": {}", plain(text)));
        let comment = comment.unwrap_or_default();
        say(format_args!("{said} by {}, {at}{comment}", cell(item, "email")));
    }
    if let Some(until) = show::moment(&cell(&all, "expires_at")) {
        let (given, needed) = (cell(&all, "given"), cell(&all, "needed"));
        say(format_args!("{given} of {needed} approvals; it waits until {until}"));
    }
    Ok(())
}

async fn log(id: &str, api: &Api) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = api.get(&format!("/deployments/{id}/log?limit=1000&after={after}")).await?;
        for line in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            after = line.get("seq").and_then(Value::as_i64).unwrap_or(0).max(after);
            let text = plain(line.get("line").and_then(Value::as_str).unwrap_or_default());
            say(format_args!("{:<7} | {text}", cell(line, "step")));
        }
        if page.get("next").is_none_or(Value::is_null) {
            return Ok(());
        }
    }
}
