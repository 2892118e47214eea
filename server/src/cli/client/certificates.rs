//! `skep certificates`.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    show::{self, ListArgs, cell, plain},
};
use crate::cli::say;

/// Certificates that one request carries: a chain with its key is 5 to 10 KiB.
const AT_ONCE: usize = 50;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The certificates of all hosts that you see
    List(ListArgs),
    /// All that is known of one, and what to do
    Show {
        host: String,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Try again now to get one
    Retry { host: String },
    /// Ask for a new one now, whatever the dates of the old one say
    Renew { host: String },
    /// Have one from a directory of the instance's list alone: `skep certificates directory shop.example.org staging`
    Directory {
        host: String,
        /// Its name or address; absent: as for all others
        directory: Option<String>,
    },
    /// Take certificates over from a Traefik's acme.json, for hosts that are domains here
    Import {
        file: PathBuf,
        /// Take what would be taken, and do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        how: ListArgs,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let columns = [
                ("HOST", "host"),
                ("STATE", "standing"),
                ("UNTIL", "not_after"),
                ("NEXT", "next_try_at"),
                ("DIRECTORY", "directory"),
                ("WHY", "reason"),
            ];
            show::list(&api.list("/certificates").await?, how, &columns);
        }
        Verb::Show { host, how } => {
            let lines = [
                ("host", "host"),
                ("state", "standing"),
                ("why", "reason"),
                ("the authority's problem", "problem"),
                ("what to do", "advice"),
                ("valid until", "not_after"),
                ("renewed", "renew_at"),
                ("why then", "explanation"),
                ("last try", "tried_at"),
                ("next try", "next_try_at"),
                ("signed by", "issuer"),
                ("directory", "directory"),
                ("chosen for it alone", "chosen"),
            ];
            show::one(&find(api, &host).await?, how, &lines);
        }
        Verb::Retry { host } => {
            let found = find(api, &host).await?;
            api.order(&format!("/certificates/{}/retry", cell(&found, "id"))).await?;
            say(format_args!("{host}: tried again now; `skep certificates show {host}` tells how it goes"));
        }
        Verb::Renew { host } => {
            let found = find(api, &host).await?;
            api.order(&format!("/certificates/{}/renew", cell(&found, "id"))).await?;
            say(format_args!("{host}: a new certificate is asked for; the old one is served until then"));
        }
        Verb::Directory { host, directory } => {
            let found = find(api, &host).await?;
            let body = json!({"directory": directory});
            let made = api.put(&format!("/certificates/{}/directory", cell(&found, "id")), &body).await?;
            match cell(&made, "chosen").as_str() {
                "-" => say(format_args!("{host} has its certificates from where all others have them")),
                chosen => {
                    say(format_args!("{host} has its certificates from {chosen} from the next order on"))
                }
            }
        }
        Verb::Import { file, yes, how } => return import(api, &file, yes, how).await,
    }
    Ok(())
}

/// Shows what would be taken, and takes it if that is wanted.
async fn import(api: &Api, file: &std::path::Path, yes: bool, how: ListArgs) -> Result<(), Failure> {
    let named = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", file.display()));
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(file).map_err(|error| named(&error))?);
    let parts = parts(&text).map_err(|why| named(&why))?;
    let columns = [("HOST", "host"), ("WHAT", "fate"), ("UNTIL", "not_after"), ("WHY", "reason")];
    let found = send(api, &parts, true).await?;
    if !yes || !how.json {
        show::list(&found, how, &columns);
    }
    let taken = found.iter().filter(|one| cell(one, "fate") == "taken").count();
    if taken == 0 {
        return if how.json { Ok(()) } else { Err(Failure::NotDone("none can be taken".to_owned())) };
    }
    if !yes {
        ask::agreed(&format!("Take {taken} certificates?"))?;
    }
    let done = send(api, &parts, false).await?;
    let taken = done.iter().filter(|one| cell(one, "fate") == "taken").count();
    if yes && how.json {
        show::list(&done, how, &columns);
    } else {
        say(format_args!("took {taken} certificates; they are served within seconds, and renewed here"));
    }
    Ok(())
}

/// The file in pieces that a request can carry, each a file of the same form.
fn parts(text: &str) -> Result<Vec<String>, String> {
    let file: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| "must be the text of a Traefik's acme.json".to_owned())?;
    let mut parts = Vec::new();
    for (resolver, entry) in &file {
        let account = &entry["Account"]["Registration"];
        let all = entry["Certificates"].as_array().map(Vec::as_slice).unwrap_or_default();
        for some in all.chunks(AT_ONCE) {
            let part = json!({"Account": {"Registration": account}, "Certificates": some});
            parts.push(json!({ resolver: part }).to_string());
        }
    }
    if parts.is_empty() { Err("holds no certificates".to_owned()) } else { Ok(parts) }
}

async fn send(api: &Api, parts: &[String], dry_run: bool) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    for text in parts {
        let answer = api.post("/certificates/import", &json!({"text": text, "dry_run": dry_run})).await?;
        all.extend(answer["certificates"].as_array().cloned().unwrap_or_default());
    }
    Ok(all)
}

/// A certificate by its host.
async fn find(api: &Api, host: &str) -> Result<Value, Failure> {
    let all = api.list("/certificates").await?;
    all.into_iter().find(|one| cell(one, "host") == host).ok_or_else(|| {
        let host = plain(host);
        Failure::NotDone(format!(
            "there is no certificate for `{host}`; `skep certificates list` tells which there are"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_goes_in_pieces_without_its_account_key() {
        let one = |number: usize| json!({"domain": {"main": format!("h{number}.example.org")}});
        let all: Vec<Value> = (0..120).map(one).collect();
        let account = json!({"PrivateKey": "hunter2", "Registration": {"uri": "https://ca/1"}});
        let file = json!({"le": {"Account": account, "Certificates": all}, "none": {"Certificates": null}});
        let parts = parts(&file.to_string()).unwrap();
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| !part.contains("hunter2") && part.contains("https://ca/1")));
        assert!(super::parts("{}").is_err() && super::parts("[]").is_err());
    }
}
