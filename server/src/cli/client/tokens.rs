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
    /// Make a token that may do less than I; its value is shown this once
    ///
    /// `skep tokens create laptop --right view --right deploy --at shop/production --days 90`
    /// A pipeline has a service account instead: `skep service-accounts`.
    Create(New),
    /// End a token
    Revoke { name: String },
}

/// A token to be made.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct New {
    /// What the token is called
    #[arg(value_name = "TOKEN")]
    token: String,
    /// What it may do; all that its owner may if absent
    #[arg(long = "right")]
    rights: Vec<String>,
    /// Where: a project, or a project/environment; everywhere if absent
    #[arg(long = "at")]
    places: Vec<PlaceName>,
    /// It ends after so many days; never if absent
    #[arg(long)]
    days: Option<u32>,
}

impl New {
    /// As the API is asked for it.
    pub(super) async fn body(self, api: &Api) -> Result<Value, Failure> {
        let mut at = Vec::new();
        for name in &self.places {
            at.push(place(api, Some(name)).await?);
        }
        Ok(json!({
            "name": self.token,
            "days": self.days,
            "rights": Some(self.rights).filter(|rights| !rights.is_empty()),
            "places": Some(at).filter(|at| !at.is_empty()),
        }))
    }
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => show(api.list("/tokens").await?, how, "all of mine"),
        Verb::Create(new) => {
            let body = new.body(api).await?;
            let email = cell(&api.get("/whoami").await?, "email");
            let team = cell(&api.get("/team").await?, "team.id");
            let password = ask::secret("Password")?;
            let login = json!({"email": email, "password": password.expose()});
            let value = login::token(api, "/login", &login, Some(&team), &body).await?;
            say(value.expose());
        }
        Verb::Revoke { name } => {
            let id = id(&api.list("/tokens").await?, &name)?;
            api.delete(&format!("/tokens/{id}")).await?;
            say(format_args!("ended token {name}"));
        }
    }
    Ok(())
}

/// Shows tokens; `all` says what one without limits may do.
pub(super) fn show(mut tokens: Vec<Value>, how: ListArgs, all: &str) {
    if !how.json {
        for token in &mut tokens {
            let rights = token["rights"]
                .as_array()
                .map(|rights| rights.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
            token["rights"] = rights.unwrap_or_else(|| all.to_owned()).into();
        }
    }
    let columns = [("NAME", "name"), ("RIGHTS", "rights"), ("ENDS", "expires_at"), ("LAST USED", "used_at")];
    show::list(&tokens, how, &columns);
}

/// The id of the one token of that name or id.
pub(super) fn id(tokens: &[Value], name: &str) -> Result<String, Failure> {
    let mut found = tokens.iter().filter(|token| cell(token, "name") == name || cell(token, "id") == name);
    match (found.next(), found.next()) {
        (Some(token), None) => Ok(cell(token, "id")),
        _ => Err(Failure::NotDone(format!(
            "`{name}` is not the name of one token; the list of tokens has their ids with --json"
        ))),
    }
}
