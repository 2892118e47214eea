//! `skep members`.

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::{Names, PlaceName, place, role},
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The members of the team, with their roles
    List(ListArgs),
    /// Give a member a role: `skep members grant ada@example.org deployer --at shop/staging`
    ///
    /// It takes the place of the role that they have there; other places stay.
    Grant {
        email: String,
        role: String,
        /// A project, or a project/environment; the whole team if absent
        #[arg(long)]
        at: Option<PlaceName>,
    },
    /// Take a member's role at one place: `skep members revoke ada@example.org --at shop`
    Revoke {
        email: String,
        /// A project, or a project/environment; the whole team if absent
        #[arg(long)]
        at: Option<PlaceName>,
    },
    /// Take a member out of the team, with their tokens for it
    Remove {
        email: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut members = api.list("/members").await?;
            if !how.json {
                let names = Names::load(api).await?;
                members.iter_mut().for_each(|member| told(member, &names));
            }
            let columns = [("EMAIL", "email"), ("ROLES", "roles"), ("SINCE", "created_at")];
            show::list(&members, how, &columns);
        }
        Verb::Grant { email, role: name, at } => {
            let given = json!({"place": place(api, at.as_ref()).await?, "role": role(api, &name).await?});
            change(api, &email, &given["place"].clone(), Some(given)).await?;
            say(format_args!("{email} is {name} there from now on"));
        }
        Verb::Revoke { email, at } => {
            change(api, &email, &place(api, at.as_ref()).await?, None).await?;
            say(format_args!("{email} has no role there any more"));
        }
        Verb::Remove { email, yes } => {
            let member = find(api, &email).await?;
            ask::sure(yes, &email)?;
            api.delete(&format!("/members/{}", cell(&member, "id"))).await?;
            say(format_args!("{email} is no member any more"));
        }
    }
    Ok(())
}

async fn find(api: &Api, email: &str) -> Result<Value, Failure> {
    let all = api.list("/members").await?;
    all.into_iter()
        .find(|member| cell(member, "email") == email)
        .ok_or_else(|| Failure::NotDone(format!("{email} is no member; `skep members list` tells who is")))
}

/// The member's other roles, and the new one at the place.
async fn change(api: &Api, email: &str, at: &Value, new: Option<Value>) -> Result<(), Failure> {
    replace(api, &find(api, email).await?, at, new).await
}

/// The same of a member that was found.
pub(super) async fn replace(
    api: &Api,
    member: &Value,
    at: &Value,
    new: Option<Value>,
) -> Result<(), Failure> {
    let had = member.get("grants").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut grants: Vec<Value> = had.into_iter().filter(|grant| grant["place"] != *at).collect();
    grants.extend(new);
    api.put(&format!("/members/{}", cell(member, "id")), &json!({"grants": grants})).await.map(drop)
}

pub(super) fn told(member: &mut Value, names: &Names) {
    let grants =
        ["grants", "provided"].into_iter().filter_map(|list| member.get(list).and_then(Value::as_array));
    let words = grants.flatten().map(|grant| names.grant(&grant["place"], &cell(grant, "role")));
    let words = words.collect::<Vec<_>>().join(", ");
    if let Some(member) = member.as_object_mut() {
        member.insert("roles".into(), if words.is_empty() { Value::Null } else { words.into() });
    }
}
