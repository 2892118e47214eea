//! `skep traffic`.

use serde_json::Value;
use skep_stack::units;

use super::{
    api::Api,
    fault::Failure,
    place::AppName,
    show::{self, ListArgs, cell},
};
use crate::{
    cli::{say, say_error},
    domain::clock::{Clock as _, SystemClock},
};

/// The requests for an app, as the edges saw them
///
///   skep traffic web --last 24h
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Its own name, or project/environment/app where several have it
    app: AppName,
    /// How far to look back: `30m`, `24h`, `720h`; a year at most
    #[arg(long, default_value = "1h", value_parser = last)]
    last: i64,
    /// Of one domain only
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    #[command(flatten)]
    how: ListArgs,
}

fn last(text: &str) -> Result<i64, &'static str> {
    let seconds = units::duration(text).map(|nanos| nanos / 1_000_000_000);
    seconds.filter(|seconds| *seconds >= 10).ok_or("give a time of 10 s or more as `30m` or `24h`")
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let app = args.app.address(api).await?;
    let from = SystemClock.now() - chrono::Duration::seconds(args.last);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("from", &from.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    if let Some(host) = &args.domain {
        query.append_pair("domain", &domain(&app, host, api).await?);
    }
    let seen = api.get(&format!("{app}/traffic?{}", query.finish())).await?;
    if args.how.json {
        show::json(&seen);
        return Ok(());
    }
    for gap in list(&seen, "missing") {
        let [from, to] = ["from", "to"].map(|key| cell(gap, key));
        say_error(format_args!(
            "counts are missing from {from} to {to}: the edge on {} did not report",
            cell(gap, "node")
        ));
    }
    let sum = &seen["sum"];
    if sum["requests"] == 0 {
        say("no requests in this time");
        return Ok(());
    }
    let rates: Vec<f64> = list(&seen, "points").iter().filter_map(|point| point["rate"].as_f64()).collect();
    say(format_args!("requests a second  {}  mean {}", spark(&rates), figure(&sum["rate"], "")));
    say(format_args!(
        "{} requests, {} failed (5xx), {} bytes to visitors",
        cell(sum, "requests"),
        percent(&sum["error_share"]),
        cell(sum, "bytes_out")
    ));
    say("");
    table("DOMAIN", list(&seen, "domains"), |of| format!("{}{}", cell(of, "host"), cell(of, "path")));
    say("");
    table("BACKEND", list(&seen, "backends"), |of| cell(of, "backend"));
    for (title, key) in [("PATH", "paths"), ("COUNTRY", "countries")] {
        let all = list(&seen, key);
        if !all.is_empty() {
            say("");
            say(format_args!("{:<44} {:>10}", title, "REQUESTS"));
        }
        for of in all.iter().take(10) {
            say(format_args!("{:<44} {:>10}", cell(of, "name"), cell(of, "requests")));
        }
    }
    Ok(())
}

/// The id of one of the app's domains.
async fn domain(app: &str, host: &str, api: &Api) -> Result<String, Failure> {
    let all = api.list(&format!("{app}/domains")).await?;
    let found = all.iter().find(|domain| cell(domain, "host") == host);
    found.map(|domain| cell(domain, "id")).ok_or_else(|| {
        Failure::NotDone(format!("the app has no domain {host}; `skep domains list` shows those that it has"))
    })
}

fn list<'a>(seen: &'a Value, key: &str) -> &'a [Value] {
    seen[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn table(title: &str, all: &[Value], name: impl Fn(&Value) -> String) {
    say(format_args!(
        "{title:<44} {:>10} {:>8} {:>8} {:>10} {:>10}",
        "REQUESTS", "RATE", "FAILED", "HALF", "95 OF 100"
    ));
    for of in all {
        say(format_args!(
            "{:<44} {:>10} {:>8} {:>8} {:>10} {:>10}",
            name(of),
            cell(of, "requests"),
            figure(&of["rate"], ""),
            percent(&of["error_share"]),
            figure(&of["p50"], " ms"),
            figure(&of["p95"], " ms"),
        ));
    }
}

fn figure(value: &Value, unit: &str) -> String {
    value.as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.1}{unit}"))
}

fn percent(value: &Value) -> String {
    value.as_f64().map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

/// The figures as a line of blocks, 60 at most: each block is the mean of those under it.
fn spark(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let size = values.len().div_ceil(60).max(1);
    let means: Vec<f64> = values.chunks(size).map(|few| few.iter().sum::<f64>() / few.len() as f64).collect();
    let most = means.iter().copied().fold(0.0, f64::max);
    let block = |mean: &f64| {
        if *mean <= 0.0 {
            return ' ';
        }
        // The tallest is the highest of all, and what is there at all is seen.
        let tall = BLOCKS.iter().enumerate().rev().find(|(n, _)| *mean >= most * (*n as f64 + 0.5) / 8.0);
        tall.map_or(BLOCKS[0], |(_, block)| *block)
    };
    means.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_as_tall_as_what_they_show() {
        assert_eq!(spark(&[0.0, 1.0, 4.0, 8.0]), " ▁▄█");
        assert_eq!(spark(&[0.01, 100.0]), "▁█");
        assert_eq!(spark(&[]), "");
        assert_eq!(spark(&vec![3.0; 600]).chars().count(), 60);
    }

    #[test]
    fn a_time_is_read_as_everywhere() {
        assert_eq!((last("1h"), last("90s")), (Ok(3_600), Ok(90)));
        assert!(last("1s").is_err() && last("soon").is_err());
    }
}
