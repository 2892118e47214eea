//! `skep audit`. What is verified is verified here, entry by entry: the server is not asked whether it is
//! sound.

mod verify;

use std::path::PathBuf;

use reqwest::Method;
use serde_json::json;

use super::{
    api::Api,
    fault::Failure,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

pub(super) use verify::verify_file;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The newest entries
    ///
    /// `skep audit list --action app. --actor ada --from 2026-11-01`
    List(Box<List>),
    /// The whole log as JSON lines, to a file or to standard output
    Export {
        /// To be made or written over
        file: Option<PathBuf>,
    },
    /// Look for any entry that was altered, is missing or was put in, and say where
    ///
    /// `skep audit verify` takes the log from the server; `skep audit verify FILE --key KEY` needs none
    Verify(verify::Args),
    /// The public key that signs the log; keep it away from the server
    Key,
    /// For how many days entries are kept; with a number: keep them so long, 0 for ever
    Retention { days: Option<i64> },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct List {
    /// What belongs to the whole instance, in place of the team's
    #[arg(long)]
    instance: bool,
    /// A person's id or a part of their address, `nobody` or `machine`
    #[arg(long, default_value = "")]
    actor: String,
    /// What the action begins with: `app.`
    #[arg(long, default_value = "")]
    action: String,
    /// The kind of thing: `app`
    #[arg(long, default_value = "")]
    kind: String,
    /// The thing's id
    #[arg(long, default_value = "")]
    object: String,
    /// `done`, `refused`, or the code of a refusal
    #[arg(long, default_value = "")]
    outcome: String,
    /// The project's id
    #[arg(long, default_value = "")]
    project: String,
    /// Not older: a date or a time
    #[arg(long, default_value = "")]
    from: String,
    /// Not newer: a date, that day included, or a time
    #[arg(long, default_value = "")]
    to: String,
    /// A text anywhere in the entry
    #[arg(long, default_value = "")]
    text: String,
    /// So many at most, up to 500
    #[arg(long, default_value_t = 50)]
    limit: u16,
    #[command(flatten)]
    how: ListArgs,
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(asked) => list(&asked, api).await?,
        Verb::Export { file } => export(file, api).await?,
        Verb::Verify(args) => {
            let mut file =
                tempfile::tempfile().map_err(|error| Failure::NotDone(format!("no place: {error}")))?;
            download(api, &mut file).await?;
            let key = match args.key {
                Some(key) => key,
                None => cell(&api.get("/audit/key").await?, "key"),
            };
            verify::verify(file, &key)?;
        }
        Verb::Key => say(cell(&api.get("/audit/key").await?, "key")),
        Verb::Retention { days } => {
            let kept = match days {
                Some(days) => api.put("/audit/retention", &json!({"days": days})).await?,
                None => api.get("/audit/retention").await?,
            };
            match cell(&kept, "days").as_str() {
                "0" => say("entries are kept for ever"),
                days => say(format_args!("entries are kept for {days} days")),
            }
        }
    }
    Ok(())
}

async fn list(asked: &List, api: &Api) -> Result<(), Failure> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &asked.limit.to_string());
    let chain = if asked.instance { "instance" } else { "team" };
    let pairs = [
        ("chain", chain),
        ("actor", &asked.actor),
        ("action", &asked.action),
        ("kind", &asked.kind),
        ("object", &asked.object),
        ("outcome", &asked.outcome),
        ("project", &asked.project),
        ("from", &asked.from),
        ("to", &asked.to),
        ("text", &asked.text),
    ];
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    let page = api.get(&format!("/audit?{}", query.finish())).await?;
    let mut items = page.get("items").and_then(|items| items.as_array()).cloned().unwrap_or_default();
    if !asked.how.json {
        for item in &mut items {
            item["entry_at"] = item["at"].take();
            item["who"] =
                json!(if cell(item, "called") == "-" { cell(item, "doer") } else { cell(item, "called") });
            let name = ["name", "object"].map(|path| cell(item, path)).into_iter().find(|text| text != "-");
            item["what"] = json!(format!("{} {}", cell(item, "kind"), name.unwrap_or_default()));
            item["how"] = json!(match cell(item, "code").as_str() {
                "-" => cell(item, "outcome"),
                code => format!("refused: {code}"),
            });
        }
    }
    let columns = [
        ("SEQ", "seq"),
        ("TIME", "entry_at"),
        ("WHO", "who"),
        ("ACTION", "action"),
        ("WHAT", "what"),
        ("OUTCOME", "how"),
        ("ADDRESS", "address"),
    ];
    show::list(&items, asked.how, &columns);
    Ok(())
}

async fn export(file: Option<PathBuf>, api: &Api) -> Result<(), Failure> {
    let Some(path) = file else { return download(api, &mut std::io::stdout()).await };
    let wrong =
        |error: std::io::Error| Failure::NotDone(format!("{} cannot be written: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Written aside and renamed: the file is whole or not there.
    let mut aside = tempfile::NamedTempFile::new_in(folder.unwrap_or(".".as_ref())).map_err(wrong)?;
    download(api, &mut aside).await?;
    aside.as_file().sync_all().map_err(wrong)?;
    aside.persist(&path).map_err(|error| wrong(error.error))?;
    say(format_args!("wrote {}", path.display()));
    Ok(())
}

/// The export as it comes.
async fn download(api: &Api, to: &mut impl std::io::Write) -> Result<(), Failure> {
    let mut answer = api.send(api.request(Method::GET, "/api/v1/audit/export")?).await?;
    while let Some(bytes) = answer.chunk().await.map_err(|error| api.unreachable(&error))? {
        to.write_all(&bytes)
            .map_err(|error| Failure::NotDone(format!("the log cannot be written: {error}")))?;
    }
    to.flush().map_err(|error| Failure::NotDone(format!("the log cannot be written: {error}")))
}
