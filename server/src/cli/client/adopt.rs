//! `skep stack adopt`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{api::Api, fault::Failure, place::AppPath, plan, show::plain};
use crate::cli::say;

/// Make an app of a stack that `docker stack deploy` made, without restarting a task
///
/// `skep stack adopt shop --app shop/production/shop --compose docker-compose.yml`. Without the file,
/// one is written of what runs, and shown. Shows what the app's next deployment would do, and refuses
/// if that would replace tasks, unless --yes is given.
/// What runs is never touched by the adoption itself. Objects that the file does not name are
/// named, and stay as they are. Configs and secrets of which the file is not sent, and what is
/// external, stay as they run.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The stack's name in Swarm
    stack: String,
    /// The app to be made
    #[arg(long, value_name = "PROJECT/ENVIRONMENT/APP")]
    app: AppPath,
    /// The Compose file that it was deployed from
    #[arg(long, value_name = "FILE")]
    compose: Option<PathBuf>,
    /// Only show what would be done
    #[arg(long)]
    plan: bool,
    /// Also if the next deployment would replace tasks
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let read = |path: &PathBuf| {
        let failed = |why| Failure::NotDone(format!("{} cannot be read: {why}", path.display()));
        std::fs::read_to_string(path).map_err(failed)
    };
    let text = args.compose.as_ref().map(read).transpose()?;
    let place = format!("/environments/{}/adopt", args.app.place.id(api).await?);
    let mut body = json!({"stack": args.stack, "name": args.app.app, "compose": text, "dry_run": true});
    let found = api.post(&place, &body).await?;
    if let Some(file) = found["written"].as_str() {
        say("# No --compose was given: this file is written of what runs. Values of its environment stand");
        say("# in it: those that are secret belong into the app's variables.");
        file.lines().for_each(|line| say(plain(line)));
        say("# End of the file.");
        // What was shown is what is adopted.
        body["compose"] = json!(file);
    }
    for object in found["kept"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        say(format_args!("kept, as the file does not name it: {}", plain(object)));
    }
    plan::lines(&found["plan"]).iter().for_each(say);
    if args.plan {
        return Ok(());
    }
    (body["dry_run"], body["yes"]) = (json!(false), json!(args.yes));
    api.post(&place, &body).await?;
    let app = format!("{}/{}/{}", args.app.place.project, args.app.place.environment, args.app.app);
    say(format_args!(
        "adopted as {app}; nothing was changed yet: `skep deploy {app} --wait` does what is above"
    ));
    Ok(())
}
