//! `skep deploy`.

use std::path::PathBuf;

use serde_json::json;

use super::{api::Api, archive, fault::Failure, follow, place::AppName, show::cell};
use crate::cli::{DONE, say};

/// Deploy an app: the newest commit, or the one given
///
///   skep deploy shop/production/web --wait
///   skep deploy shop --service web --service worker
///   tar -cz . | skep deploy site --archive - --wait
/// With --wait the exit code is 0 only if it became live; 1 if it failed, was rolled back,
/// cancelled or superseded; 3 if the server is lost on the way. Ctrl-C ends the watching alone.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Its own name, or project/environment/app where several have it
    app: AppName,
    /// A full commit id
    #[arg(long)]
    commit: Option<String>,
    /// For an app of uploaded archives: send this one first (tar, tar.gz, zip; `-` is standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "commit")]
    archive: Option<PathBuf>,
    /// Of a Compose app this service alone, and what it needs that does not run yet; may be repeated
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Why, for the record
    #[arg(long)]
    reason: Option<String>,
    /// Show its progress until it ended
    #[arg(long)]
    wait: bool,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<u8, Failure> {
    if let Some(file) = &args.archive {
        archive::send(&args.app.find(api).await?, file, api).await?;
    }
    let body = json!({"commit": args.commit, "reason": args.reason, "services": args.services});
    queue(&args.app, "deployments", &body, args.wait, api).await
}

/// Asks for a deployment, and shows it if somebody waits for it.
pub(super) async fn queue(
    app: &AppName,
    how: &str,
    body: &serde_json::Value,
    wait: bool,
    api: &Api,
) -> Result<u8, Failure> {
    let app = app.find(api).await?;
    let queued = api.post(&format!("/apps/{}/{how}", cell(&app, "id")), body).await?;
    let (number, id) = (cell(&queued, "number"), cell(&queued, "id"));
    let stands = match cell(&queued, "state").as_str() {
        "awaiting_approval" => "awaits approval",
        _ => "is queued",
    };
    say(format_args!("{}: deployment {number} {stands} ({id})", cell(&app, "path")));
    let named = |body: &serde_json::Value| body["services"].as_array().map_or(0, Vec::len);
    if named(body) > 0 && named(&queued) == 0 {
        say("it is of the whole app: one of the whole app waited, and gave way to it");
    }
    if wait { follow::run(&id, api).await } else { Ok(DONE) }
}
