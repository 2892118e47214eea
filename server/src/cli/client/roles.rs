//! `skep roles`.

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::role,
    show::{self, ListArgs},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The roles that can be given, and what each allows
    List(ListArgs),
    /// Make a role of named rights: `skep roles create "release manager" --right view --right approve`
    Create {
        name: String,
        /// One of those that `skep roles list` shows of the owner; again for more
        #[arg(long = "right", required = true)]
        rights: Vec<String>,
    },
    /// Remove a role that nobody has
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
            let mut all = api.list("/roles").await?;
            if !how.json {
                for role in &mut all {
                    let rights = role["rights"].as_array().into_iter().flatten().filter_map(Value::as_str);
                    role["rights"] = rights.collect::<Vec<_>>().join(", ").into();
                }
            }
            show::list(&all, how, &[("NAME", "name"), ("RIGHTS", "rights")]);
        }
        Verb::Create { name, rights } => {
            api.post("/roles", &json!({"name": name, "rights": rights})).await?;
            say(format_args!("made role {name}"));
        }
        Verb::Delete { name, yes } => {
            let id = role(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&format!("/roles/{id}")).await?;
            say(format_args!("removed role {name}"));
        }
    }
    Ok(())
}
