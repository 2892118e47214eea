//! `skep stores`. Credentials come from a prompt or standard input, and are never shown.

use serde_json::{Map, Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::{Names, PlaceName, place},
    show::{self, ListArgs, cell},
};
use crate::{cli::say, domain::secret::Secret};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The secret stores that variables can refer to
    List(ListArgs),
    /// Name a secret store; its credentials are asked for
    ///
    /// `skep stores create vault --kind vault --address https://vault.example.org:8200 --at shop`,
    /// then in a variable of an app: `${{store.vault:apps/shop#DATABASE_URL}}`
    Create(Box<Create>),
    /// Give a store other credentials, and with them another address; they are asked for
    Change {
        name: String,
        /// Where it answers from now on
        #[arg(long)]
        address: Option<String>,
        #[command(flatten)]
        login: Login,
    },
    /// Ask a store now whether it takes the credentials
    Check { name: String },
    /// Remove a store that no variable refers to
    Delete {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// A store to be named.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Create {
    /// What variables call it
    name: String,
    #[arg(long, value_enum)]
    kind: Kind,
    /// Where it answers; Infisical, AWS and Doppler have an address of their own
    #[arg(long)]
    address: Option<String>,
    /// The project, or project/environment, whose apps may use it; the whole team if absent
    #[arg(long)]
    at: Option<PlaceName>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    login: Login,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Kind {
    /// HashiCorp Vault or OpenBao: `path#key` below the mount
    Vault,
    /// Infisical: `/folder#NAME`
    Infisical,
    /// AWS Secrets Manager: `name#key`, or `name` for all of its text
    Aws,
    /// Doppler: `project/config#NAME`
    Doppler,
    /// 1Password Connect: `vault/item#field`
    Onepassword,
}

/// What some kinds need.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Settings {
    /// Vault: where the keys and values are mounted [default: secret]
    #[arg(long)]
    mount: Option<String>,
    /// Vault: the version of the engine there: `v1` or `v2` [default: v2]
    #[arg(long)]
    kv: Option<String>,
    /// Vault: the namespace
    #[arg(long)]
    namespace: Option<String>,
    /// Infisical: the project's id
    #[arg(long)]
    project: Option<String>,
    /// Infisical: the environment's slug, as `prod`
    #[arg(long)]
    environment: Option<String>,
    /// AWS: the region, as `eu-central-1`
    #[arg(long)]
    region: Option<String>,
}

/// Whom the store knows.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Login {
    /// An AppRole's role id, a client id or an access key id; none for a token alone
    #[arg(long)]
    id: Option<String>,
}

impl Login {
    fn ask(self) -> Result<Value, Failure> {
        let what = if self.id.is_some() { "Secret" } else { "Token" };
        let secret = ask::secret(what)?;
        Ok(json!({"id": self.id.unwrap_or_default(), "secret": Secret::expose(&secret)}))
    }
}

/// As the API has them: the kind's name, and what was given.
fn settings(kind: Kind, given: Settings) -> Value {
    let kind = match kind {
        Kind::Vault => "vault",
        Kind::Infisical => "infisical",
        Kind::Aws => "aws",
        Kind::Doppler => "doppler",
        Kind::Onepassword => "onepassword",
    };
    let Settings { mount, kv, namespace, project, environment, region } = given;
    let given = [
        ("kind", Some(kind.to_owned())),
        ("mount", mount),
        ("version", kv),
        ("namespace", namespace),
        ("project", project),
        ("environment", environment),
        ("region", region),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    given.collect::<Map<_, _>>().into()
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/stores").await?;
            if !how.json {
                let names = Names::load(api).await?;
                for store in &mut all {
                    store["kind"] = store["settings"]["kind"].clone();
                    store["at"] = names.place(&store["place"]).into();
                }
            }
            let columns = [("NAME", "name"), ("KIND", "kind"), ("ADDRESS", "address"), ("FOR", "at")];
            show::list(&all, how, &columns);
        }
        Verb::Create(new) => {
            let Create { name, kind, address, at, settings: given, login } = *new;
            let place = place(api, at.as_ref()).await?;
            let body = json!({
                "name": name, "place": place, "address": address.unwrap_or_default(),
                "settings": settings(kind, given), "login": login.ask()?,
            });
            api.post("/stores", &body).await?;
            say(format_args!("made store {name}; `skep stores check {name}` asks it"));
        }
        Verb::Change { name, address, login } => {
            let id = find(api, &name).await?;
            let body = json!({"address": address, "login": login.ask()?});
            api.patch(&format!("/stores/{id}"), &body).await?;
            say(format_args!("changed store {name}; it counts from the next deployments on"));
        }
        Verb::Check { name } => {
            let id = find(api, &name).await?;
            let found = api.post(&format!("/stores/{id}/check"), &json!({})).await?;
            if found["ok"] != true {
                return Err(Failure::NotDone(format!("store {name}: {}", cell(&found, "message"))));
            }
            say(format_args!("store {name} answers and takes the credentials"));
        }
        Verb::Delete { name, yes } => {
            let id = find(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&format!("/stores/{id}")).await?;
            say(format_args!("removed store {name}"));
        }
    }
    Ok(())
}

/// The id of a store, by its name.
async fn find(api: &Api, name: &str) -> Result<String, Failure> {
    let all = api.list("/stores").await?;
    let found = all.iter().find(|store| cell(store, "name") == name);
    found.map(|store| cell(store, "id")).ok_or_else(|| {
        Failure::NotDone(format!("there is no store `{name}`; `skep stores list` tells which there are"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_sent() {
        let none = || Settings {
            mount: None,
            kv: None,
            namespace: None,
            project: None,
            environment: None,
            region: None,
        };
        assert_eq!(settings(Kind::Onepassword, none()), json!({"kind": "onepassword"}));
        let given = Settings { kv: Some("v1".into()), mount: Some("kv".into()), ..none() };
        assert_eq!(settings(Kind::Vault, given), json!({"kind": "vault", "mount": "kv", "version": "v1"}));
    }
}
