//! `skep tokens`. A token cannot make tokens: making one asks for the password.

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::{PlaceName, place},
    login,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// My tokens for this team, without their values
    List(ListArgs),
    /// Make a token that may do less than I, for CI say; its value is shown this once
    ///
    /// `skep tokens create ci --right view --right deploy --at shop/production --days 90`
    Create {
        name: String,
        /// What it may do; all that I may if absent
        #[arg(long = "right")]
        rights: Vec<String>,
        /// Where: a project, or a project/environment; everywhere if absent
        #[arg(long = "at")]
        places: Vec<PlaceName>,
        /// It ends after so many days; never if absent
        #[arg(long)]
        days: Option<u32>,
    },
    /// End a token
    Revoke { name: String },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/tokens").await?;
            if !how.json {
                for token in &mut all {
                    let rights = token["rights"]
                        .as_array()
                        .map(|rights| rights.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
                    token["rights"] = rights.unwrap_or_else(|| "all of mine".to_owned()).into();
                }
            }
            let columns =
                [("NAME", "name"), ("RIGHTS", "rights"), ("ENDS", "expires_at"), ("LAST USED", "used_at")];
            show::list(&all, how, &columns);
        }
        Verb::Create { name, rights, places, days } => {
            let mut at = Vec::new();
            for name in &places {
                at.push(place(api, Some(name)).await?);
            }
            let body = json!({
                "name": name,
                "days": days,
                "rights": Some(rights).filter(|rights| !rights.is_empty()),
                "places": Some(at).filter(|at| !at.is_empty()),
            });
            let email = cell(&api.get("/whoami").await?, "email");
            let team = cell(&api.get("/team").await?, "team.id");
            let password = ask::secret("Password")?;
            let login = json!({"email": email, "password": password.expose()});
            let value = login::token(api, "/login", &login, Some(&team), &body).await?;
            say(value.expose());
        }
        Verb::Revoke { name } => {
            let all = api.list("/tokens").await?;
            let mut found =
                all.iter().filter(|token| cell(token, "name") == name || cell(token, "id") == name);
            let (Some(token), None) = (found.next(), found.next()) else {
                let rule =
                    format!("`{name}` is not the name of one token; `skep tokens list --json` has their ids");
                return Err(Failure::NotDone(rule));
            };
            api.delete(&format!("/tokens/{}", cell(token, "id"))).await?;
            say(format_args!("ended token {name}"));
        }
    }
    Ok(())
}
