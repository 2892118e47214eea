//! `skep service-accounts`.

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::{Names, PlaceName, place, role},
    members,
    show::{self, ListArgs, cell},
    tokens,
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The service accounts of the team, with their roles
    List(ListArgs),
    /// Make one, for a pipeline say: `skep service-accounts create ci`
    Create { name: String },
    /// Call one otherwise; its tokens count on
    Rename { name: String, to: String },
    /// Give one a role: `skep service-accounts grant ci deployer --at shop/staging`
    Grant {
        name: String,
        role: String,
        /// A project, or a project/environment; the whole team if absent
        #[arg(long)]
        at: Option<PlaceName>,
    },
    /// Take its role at one place
    Revoke {
        name: String,
        /// A project, or a project/environment; the whole team if absent
        #[arg(long)]
        at: Option<PlaceName>,
    },
    /// Remove one, with its tokens
    Remove {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Its tokens, without their values
    Tokens {
        name: String,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Make a token of one; its value is shown this once
    ///
    /// `skep service-accounts create-token ci pipeline --days 90`
    CreateToken {
        name: String,
        #[command(flatten)]
        new: tokens::New,
    },
    /// Take one of its tokens back
    RevokeToken { name: String, token: String },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/service-accounts").await?;
            if !how.json {
                let names = Names::load(api).await?;
                all.iter_mut().for_each(|account| members::told(account, &names));
            }
            show::list(&all, how, &[("NAME", "name"), ("ROLES", "roles"), ("SINCE", "created_at")]);
        }
        Verb::Create { name } => {
            api.post("/service-accounts", &json!({"name": name})).await?;
            say(format_args!("made {name}; give it a role: `skep service-accounts grant {name} deployer`"));
        }
        Verb::Rename { name, to } => {
            api.patch(&address(api, &name).await?, &json!({"name": to})).await?;
            say(format_args!("{name} is called {to} from now on"));
        }
        Verb::Grant { name, role: given, at } => {
            let place = place(api, at.as_ref()).await?;
            let grant = json!({"place": place, "role": role(api, &given).await?});
            members::replace(api, &find(api, &name).await?, &place, Some(grant)).await?;
            say(format_args!("{name} is {given} there from now on"));
        }
        Verb::Revoke { name, at } => {
            let place = place(api, at.as_ref()).await?;
            members::replace(api, &find(api, &name).await?, &place, None).await?;
            say(format_args!("{name} has no role there any more"));
        }
        Verb::Remove { name, yes } => {
            let address = address(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&address).await?;
            say(format_args!("removed {name}; its tokens count no longer"));
        }
        Verb::Tokens { name, how } => {
            let all = api.list(&format!("{}/tokens", address(api, &name).await?)).await?;
            tokens::show(all, how, "all of its own");
        }
        Verb::CreateToken { name, new } => {
            let address = address(api, &name).await?;
            let made = api.post(&format!("{address}/tokens"), &new.body(api).await?).await?;
            say(cell(&made, "value"));
        }
        Verb::RevokeToken { name, token } => {
            let address = format!("{}/tokens", address(api, &name).await?);
            let id = tokens::id(&api.list(&address).await?, &token)?;
            api.delete(&format!("{address}/{id}")).await?;
            say(format_args!("ended token {token} of {name}"));
        }
    }
    Ok(())
}

async fn find(api: &Api, name: &str) -> Result<Value, Failure> {
    let all = api.list("/service-accounts").await?;
    all.into_iter().find(|account| cell(account, "name") == name).ok_or_else(|| {
        Failure::NotDone(format!(
            "there is no service account `{name}`; `skep service-accounts list` tells which there are"
        ))
    })
}

async fn address(api: &Api, name: &str) -> Result<String, Failure> {
    Ok(format!("/service-accounts/{}", cell(&find(api, name).await?, "id")))
}
