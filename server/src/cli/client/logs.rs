//! `skep logs`.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use serde_json::Value;
use skep_web::api::AppLogEvent;

use super::{
    api::Api,
    fault::Failure,
    place::{AppName, only},
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
    /// One service of a Compose app
    #[arg(long)]
    service: Option<String>,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let app = args.app.find(api).await?;
    let of = args.service.as_deref().map(|name| format!("&{}", only(name))).unwrap_or_default();
    let path = format!("apps/{}/logs?tail={}{of}", cell(&app, "id"), args.tail);
    if args.follow {
        return follow(&format!("/events/{path}"), api).await;
    }
    let page = api.get(&format!("/{path}")).await?;
    let lines = page.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |line: &Value, key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let services: BTreeSet<String> = lines.iter().map(|line| text(line, "service")).collect();
    for line in lines {
        let said = text(line, "line");
        if services.len() > 1 {
            say(format_args!("{} | {}", plain(&text(line, "service")), plain(&said)));
        } else {
            say(plain(&said));
        }
    }
    if lines.is_empty() {
        say_error(format_args!("{} wrote nothing yet", cell(&app, "path")));
    }
    Ok(())
}

/// Until somebody stops it, or the server lets us in no more.
pub(super) async fn follow(path: &str, api: &Api) -> Result<(), Failure> {
    let mut events = Events::default();
    loop {
        let mut request = api.request(Method::GET, path)?;
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
