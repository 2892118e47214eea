//! `skep logs`.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use skep_web::api::AppLogEvent;

use super::{
    api::Api,
    fault::Failure,
    place::AppName,
    show::{cell, plain},
    sse::Events,
};
use crate::cli::{say, say_error};

/// A stream that ended is asked for again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// What an app wrote, secrets masked
///
///   skep logs web --tail 50 --follow
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Its own name, or project/environment/app where several have it
    app: AppName,
    /// Go on with what it writes from now on
    #[arg(long, short)]
    follow: bool,
    /// So many of the last lines of each task
    #[arg(long, value_name = "LINES", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=5000))]
    tail: u32,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let app = args.app.find(api).await?;
    let id = cell(&app, "id");
    if args.follow {
        return follow(&id, args.tail, api).await;
    }
    let page = api.get(&format!("/apps/{id}/logs?tail={}", args.tail)).await?;
    let lines = page.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for line in lines {
        say(plain(line.get("line").and_then(Value::as_str).unwrap_or_default()));
    }
    if lines.is_empty() {
        say_error(format_args!("{} wrote nothing yet", cell(&app, "path")));
    }
    Ok(())
}

/// Until somebody stops it, or the server lets us in no more.
async fn follow(id: &str, tail: u32, api: &Api) -> Result<(), Failure> {
    let mut events = Events::default();
    loop {
        let mut request = api.request(Method::GET, &format!("/events/apps/{id}/logs?tail={tail}"))?;
        if let Some(last) = &events.last {
            request = request.header("last-event-id", last);
        }
        let mut stream = api.send(request).await?;
        while let Ok(Some(bytes)) = stream.chunk().await {
            for data in events.take(&bytes) {
                tell(&data);
            }
        }
        // Half an event of the stream that ended is no part of the next one.
        events.again();
        tokio::time::sleep(AGAIN).await;
    }
}

fn tell(data: &str) {
    match serde_json::from_str(data) {
        Ok(AppLogEvent::Line(line)) => say(format_args!("{} | {}", plain(&line.replica), plain(&line.text))),
        Ok(AppLogEvent::Gap { count }) => {
            say_error(format_args!("{count} lines came too fast and were left out"))
        }
        Ok(AppLogEvent::Unknown { reason }) => {
            say_error(format_args!("the engine does not answer; lines may be missing: {}", plain(&reason)));
        }
        // A later server may say more.
        Err(_) => {}
    }
}
