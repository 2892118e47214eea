//! `skep projects`.

use serde_json::json;

use super::{
    api::Api,
    ask,
    fault::Failure,
    place::project,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// All projects, by name
    List(ListArgs),
    /// Make a project, with a first environment `production`: `skep projects create shop`
    Create {
        /// Unique: `shop`
        name: String,
        /// For people; the name if absent
        #[arg(long)]
        title: Option<String>,
    },
    /// Remove a project that has no apps
    Delete {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let columns = [("NAME", "name"), ("TITLE", "title"), ("MADE", "created_at")];
            show::list(&api.list("/projects").await?, how, &columns);
        }
        Verb::Create { name, title } => {
            let made = api.post("/projects", &json!({"name": name, "title": title})).await?;
            say(format_args!("made project {}", cell(&made, "name")));
        }
        Verb::Delete { name, yes } => {
            let found = project(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&format!("/projects/{}", cell(&found, "id"))).await?;
            say(format_args!("removed project {name}"));
        }
    }
    Ok(())
}
