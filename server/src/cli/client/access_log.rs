//! `skep access-log`.

use super::{api::Api, fault::Failure, logs, place::AppName, show::cell};

/// Requests for an app as they end, without their queries. Nothing is kept of them: what ended before is
/// not shown
///
///   skep access-log web --follow
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Its own name, or project/environment/app where several have it
    app: AppName,
    /// As it is shown in any case, until you stop it
    #[arg(long, short)]
    follow: bool,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let app = args.app.find(api).await?;
    logs::follow(&format!("/events/apps/{}/requests", cell(&app, "id")), api).await
}
