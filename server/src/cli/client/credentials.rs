//! `skep credentials`. Secrets come from a prompt or standard input, and are never shown.

use serde_json::json;

use super::{
    api::Api,
    ask,
    fault::Failure,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// All credentials, without their secrets
    List(ListArgs),
    /// Store a token or password, or make an ssh key; the secret is asked for
    ///
    /// `skep credentials create --kind git-key --title deploy --host git.example.org`
    Create {
        #[arg(long, value_enum)]
        kind: Kind,
        /// For people
        #[arg(long)]
        title: String,
        /// The only host (and port) it is sent to
        #[arg(long)]
        host: String,
        #[arg(long)]
        username: Option<String>,
    },
    /// Remove a credential that no app uses
    Delete { id: uuid::Uuid },
}

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Kind {
    /// User and token for git over https
    GitToken,
    /// A key made by Skep for git over ssh; its public half is shown
    GitKey,
    /// User and password of a registry
    Registry,
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let columns =
                [("TITLE", "title"), ("KIND", "kind"), ("HOST", "host"), ("USER", "username"), ("ID", "id")];
            show::list(&api.list("/credentials").await?, how, &columns);
        }
        Verb::Create { kind, title, host, username } => {
            let (kind, secret) = match kind {
                Kind::GitKey => ("git_key", None),
                Kind::GitToken => ("git_token", Some(ask::secret("Token")?)),
                Kind::Registry => ("registry", Some(ask::secret("Password")?)),
            };
            let secret = secret.as_ref().map(crate::domain::secret::Secret::expose);
            let body =
                json!({"kind": kind, "title": title, "host": host, "username": username, "secret": secret});
            let made = api.post("/credentials", &body).await?;
            say(format_args!("made credential {}", cell(&made, "id")));
            if made.get("public").is_some_and(serde_json::Value::is_string) {
                say("Enter this key at the git host:");
                say(cell(&made, "public"));
            }
        }
        Verb::Delete { id } => {
            api.delete(&format!("/credentials/{id}")).await?;
            say(format_args!("removed credential {id}"));
        }
    }
    Ok(())
}
