//! `skep credentials`. Secrets come from a prompt or standard input, and are never shown.

use serde_json::json;

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
    /// All credentials, without their secrets
    List(ListArgs),
    /// Store a token or password, or make an ssh key; the secret is asked for
    ///
    /// `skep credentials create --kind git-key --title deploy --host git.example.org --at shop/staging`
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
        /// A project, or a project/environment: only apps there use it; all of the team if absent
        #[arg(long)]
        at: Option<PlaceName>,
        /// A file with an OpenSSH private key without passphrase, in place of a new one
        #[arg(long, value_name = "FILE")]
        key: Option<std::path::PathBuf>,
    },
    /// Remove a credential that no app uses
    Delete { id: uuid::Uuid },
}

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Kind {
    /// User and token for git over https
    GitToken,
    /// A key for git over ssh, made by Skep unless one is given; its public half is shown
    GitKey,
    /// User and password of a registry
    Registry,
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let columns = [
                ("TITLE", "title"),
                ("KIND", "kind"),
                ("PLACE", "place"),
                ("HOST", "host"),
                ("USER", "username"),
                ("ID", "id"),
            ];
            let mut all = api.list("/credentials").await?;
            if !how.json {
                let names = Names::places(api).await?;
                for credential in &mut all {
                    credential["place"] = names.place(&credential["place"]).into();
                }
            }
            show::list(&all, how, &columns);
        }
        Verb::Create { kind, title, host, username, at, key } => {
            if key.is_some() && kind != Kind::GitKey {
                return Err(Failure::Usage("`--key` is for `--kind git-key`".to_owned()));
            }
            let (kind, secret) = match kind {
                Kind::GitKey => ("git_key", key.as_deref().map(private).transpose()?),
                Kind::GitToken => ("git_token", Some(ask::secret("Token")?)),
                Kind::Registry => ("registry", Some(ask::secret("Password")?)),
            };
            let secret = secret.as_ref().map(Secret::expose);
            let body = json!({
                "kind": kind,
                "place": place(api, at.as_ref()).await?,
                "title": title,
                "host": host,
                "username": username,
                "secret": secret,
            });
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

/// A private key from a file.
fn private(file: &std::path::Path) -> Result<Secret, Failure> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?;
    Ok(Secret::new(text))
}
