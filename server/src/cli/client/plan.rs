//! `skep plan` and `skep stack plan`.

use serde_json::{Value, json};

use super::{
    api::Api,
    fault::Failure,
    place::AppName,
    show::{self, ListArgs, cell, plain},
};
use crate::cli::say;

/// Show what a deployment would do, without doing it
///
/// Each action, the fields that differ, and whether tasks would be replaced. Nothing is written,
/// fetched or built; what only a deployment will know is said. Values of secrets are never shown.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Its own name, or project/environment/app where several have it
    app: AppName,
    /// Of a Compose app this service alone, and what it needs that does not run yet; may be repeated
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    #[command(flatten)]
    how: ListArgs,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let body = json!({"services": args.services});
    let plan = api.post(&format!("{}/plan", args.app.address(api).await?), &body).await?;
    if args.how.json {
        show::json(&plan);
    } else {
        lines(&plan).iter().for_each(say);
    }
    Ok(())
}

/// The plan for people.
pub(super) fn lines(plan: &Value) -> Vec<String> {
    let list = |key: &str| plan[key].as_array().cloned().unwrap_or_default();
    let mut lines: Vec<String> = list("notes")
        .iter()
        .map(|note| format!("note: {}", plain(note.as_str().unwrap_or_default())))
        .collect();
    let actions = list("actions");
    if actions.is_empty() {
        lines.push("nothing to do: what runs is as planned".to_owned());
    }
    for action in actions {
        let restarts = if action["restarts"] == true { " (replaces its tasks)" } else { "" };
        lines.push(format!(
            "{} {}{restarts}",
            cell(&action, "action").replace('_', " "),
            cell(&action, "name")
        ));
        for change in action["changes"].as_array().into_iter().flatten() {
            let side = |key: &str| match &change[key] {
                Value::Null => "nothing".to_owned(),
                _ => cell(change, key),
            };
            lines.push(format!("  {}: {} -> {}", cell(change, "path"), side("from"), side("to")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_line_by_line() {
        let plan = json!({"notes": ["Planned with commit 1."], "actions": [
            {"action": "create_config", "name": "c", "changes": [], "restarts": false},
            {"action": "update_service", "name": "s", "restarts": true, "changes": [
                {"path": "TaskTemplate.ContainerSpec.Env.A", "from": null, "to": "set"}]}]});
        assert_eq!(
            lines(&plan),
            [
                "note: Planned with commit 1.",
                "create config c",
                "update service s (replaces its tasks)",
                "  TaskTemplate.ContainerSpec.Env.A: nothing -> set"
            ]
        );
        assert_eq!(lines(&json!({"notes": [], "actions": []})), ["nothing to do: what runs is as planned"]);
    }
}
