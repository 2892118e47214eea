//! `skep nodes`.

use serde_json::json;

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::Names,
    place::EnvironmentName,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The machines of the swarm, and which belongs to one environment
    List(ListArgs),
    /// Reserve a machine for one environment: `skep nodes reserve hive-3 shop/production`
    ///
    /// Apps of others leave it, and the environment's run there alone, each from its next deployment on.
    Reserve {
        /// Its name, or its id
        node: String,
        environment: EnvironmentName,
    },
    /// Share a machine again with all environments that have none of their own
    Release {
        /// Its name, or its id
        node: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/nodes").await?;
            if !how.json {
                let names = Names::places(api).await?;
                for node in &mut all {
                    let id = node["environment"].as_str().map(str::to_owned);
                    let name = |id| names.place(&json!({"kind": "environment", "id": id}));
                    node["environment"] = id.map_or_else(|| "shared".to_owned(), name).into();
                }
            }
            let columns = [
                ("NAME", "hostname"),
                ("ROLE", "role"),
                ("STATE", "state"),
                ("FOR", "environment"),
                ("ID", "id"),
            ];
            show::list(&all, how, &columns);
        }
        Verb::Reserve { node, environment } => {
            let id = find(api, &node).await?;
            let body = json!({"environment": environment.id(api).await?});
            api.put(&format!("/nodes/{id}/environment"), &body).await?;
            say(format_args!(
                "{node} belongs to {environment}: each app keeps to it from its next deployment on"
            ));
        }
        Verb::Release { node, yes } => {
            let id = find(api, &node).await?;
            ask::sure(yes, &node)?;
            api.delete(&format!("/nodes/{id}/environment")).await?;
            say(format_args!("{node} is shared: each app may use it from its next deployment on"));
        }
    }
    Ok(())
}

/// The id of a node, by its id or name.
async fn find(api: &Api, name: &str) -> Result<String, Failure> {
    let all = api.list("/nodes").await?;
    let found = all.iter().filter(|node| cell(node, "id") == name || cell(node, "hostname") == name);
    let ids: Vec<String> = found.map(|node| cell(node, "id")).collect();
    match ids.as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(Failure::NotDone(format!(
            "there is no node `{name}`; `skep nodes list` tells which there are"
        ))),
        ids => Err(Failure::Usage(format!(
            "`{name}` is the name of several nodes; say which by its id: {}",
            ids.join(", ")
        ))),
    }
}
