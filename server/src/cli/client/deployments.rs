//! `skep deployments`.

use serde_json::Value;

use super::{
    api::Api,
    fault::Failure,
    place::AppName,
    show::{self, ListArgs, cell, plain},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The deployments of an app, newest first
    List {
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// One deployment, by its id
    Show {
        id: uuid::Uuid,
        #[command(flatten)]
        how: ListArgs,
    },
    /// What a deployment wrote
    Log { id: uuid::Uuid },
    /// Stop a deployment; what serves goes on serving
    Cancel { id: uuid::Uuid },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { app, how } => {
            let all = api.list(&format!("{}/deployments", app.address(api).await?)).await?;
            let columns = [
                ("NUMBER", "number"),
                ("STATE", "state"),
                ("COMMIT", "commit"),
                ("TITLE", "title"),
                ("QUEUED", "created_at"),
                ("ID", "id"),
            ];
            show::list(&all, how, &columns);
        }
        Verb::Show { id, how } => {
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
            ];
            show::one(&deployment, how, &lines);
        }
        Verb::Log { id } => log(&id.to_string(), api).await?,
        Verb::Cancel { id } => {
            let deployment = api.order(&format!("/deployments/{id}/cancel")).await?;
            say(format_args!("deployment {}: {}", cell(&deployment, "number"), cell(&deployment, "state")));
        }
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
