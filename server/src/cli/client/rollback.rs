//! `skep rollback`.

use serde_json::json;

use super::{api::Api, deploy, fault::Failure, place::AppName, show::cell};

/// Return an app to an earlier release, as it was
///
///   skep rollback web --to 7 --wait
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Its own name, or project/environment/app where several have it
    app: AppName,
    /// The number of the release; the one before the one that serves if absent
    #[arg(long, value_name = "NUMBER")]
    to: Option<i64>,
    /// Why, for the record
    #[arg(long)]
    reason: Option<String>,
    /// Show its progress until it ended
    #[arg(long)]
    wait: bool,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<u8, Failure> {
    let release = match args.to {
        Some(number) => Some(release(&args.app, number, api).await?),
        None => None,
    };
    let body = json!({"release": release, "reason": args.reason});
    deploy::queue(&args.app, "rollback", &body, args.wait, api).await
}

async fn release(app: &AppName, number: i64, api: &Api) -> Result<String, Failure> {
    let all = api.list(&format!("{}/releases", app.address(api).await?)).await?;
    let found = all.iter().find(|release| cell(release, "number") == number.to_string());
    found.map(|release| cell(release, "id")).ok_or_else(|| {
        let there: Vec<String> = all.iter().map(|release| cell(release, "number")).collect();
        Failure::NotDone(format!("there is no release {number}; there are: {}", there.join(", ")))
    })
}
