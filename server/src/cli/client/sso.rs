//! `skep sso`.

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
    /// The identity providers of the team, and who is given what by them
    List {
        #[command(flatten)]
        how: ListArgs,
        /// Those of the whole instance
        #[arg(long)]
        instance: bool,
    },
    /// What to register with a provider, and where people sign in
    Show(ListArgs),
    /// Enter a provider: `skep sso add Acme --issuer https://login.example.org --client skep`
    ///
    /// The client secret is asked for, or read from standard input.
    Add {
        name: String,
        /// As the provider writes it; for GitHub its address
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// The client id that the provider gave
        #[arg(long)]
        client: String,
        /// GitHub or GitHub Enterprise, which do not speak OpenID Connect
        #[arg(long)]
        github: bool,
        /// The claim that lists groups [default: groups]
        #[arg(long)]
        claim: Option<String>,
        /// For the whole instance: who comes in by it is known to all teams
        #[arg(long)]
        instance: bool,
    },
    /// Give another client secret
    Secret { name: String },
    /// Let people sign in through it again
    Enable { name: String },
    /// Let nobody sign in through it; the sessions that it vouched for end
    Disable { name: String },
    /// Give a group a role: `skep sso map Acme deployer --group developers --at shop`
    ///
    /// It takes the place of the role that the group has there.
    Map {
        name: String,
        role: String,
        /// As the provider names it; everybody whom it vouches for, if absent
        #[arg(long)]
        group: Option<String>,
        /// A project, or a project/environment; the whole team if absent
        #[arg(long)]
        at: Option<PlaceName>,
    },
    /// Take a group's role
    Unmap {
        name: String,
        #[arg(long)]
        group: Option<String>,
        #[arg(long)]
        at: Option<PlaceName>,
    },
    /// Look at a provider without anybody signing in
    Test { name: String },
    /// Whether people come in only through a provider of the team: `skep sso only no`
    Only {
        #[arg(value_parser = ["yes", "no"])]
        on: String,
    },
    /// Remove a provider, with its sessions and what it gave
    Remove {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { how, instance } => list(api, how, instance).await?,
        Verb::Show(how) => {
            let lines =
                [("redirect address", "redirect"), ("people sign in at", "login"), ("only so", "only")];
            show::one(&api.get("/team/sso").await?, how, &lines);
        }
        Verb::Add { name, issuer, client, github, claim, instance } => {
            let secret = ask::secret("Client secret")?;
            let body = json!({
                "name": name, "issuer": issuer, "client": client, "claim": claim, "secret": secret.expose(),
                "kind": if github { "github" } else { "oidc" }, "of": if instance { "instance" } else { "team" },
            });
            api.post("/sso", &body).await?;
            say(format_args!(
                "entered {name}; `skep sso test {name}` looks at it, `skep sso map` says who may what"
            ));
        }
        Verb::Secret { name } => {
            let secret = ask::secret("Client secret")?;
            change(api, &name, &json!({"secret": secret.expose()})).await?;
            say(format_args!("{name} has another secret"));
        }
        Verb::Enable { name } => {
            change(api, &name, &json!({"enabled": true})).await?;
            say(format_args!("people can sign in through {name}"));
        }
        Verb::Disable { name } => {
            change(api, &name, &json!({"enabled": false})).await?;
            say(format_args!("nobody can sign in through {name}"));
        }
        Verb::Map { name, role: named, group, at } => {
            let at = place(api, at.as_ref()).await?;
            let mapping = json!({"group": group, "place": at, "role": role(api, &named).await?});
            map(api, &name, &group, &at, Some(mapping)).await?;
            say(format_args!(
                "{} is {named} there, from the next sign-in on",
                group.as_deref().unwrap_or("everybody")
            ));
        }
        Verb::Unmap { name, group, at } => {
            map(api, &name, &group, &place(api, at.as_ref()).await?, None).await?;
            say(format_args!("{} has no role there by it", group.as_deref().unwrap_or("everybody")));
        }
        Verb::Test { name } => test(api, &name).await?,
        Verb::Only { on } => {
            api.put("/team/sso", &json!({"only": on == "yes"})).await?;
            say(if on == "yes" {
                "people come in only through the team's providers"
            } else {
                "people come in by password, too"
            });
        }
        Verb::Remove { name, yes } => {
            let id = cell(&find(api, &name).await?, "id");
            ask::sure(yes, &name)?;
            api.delete(&format!("/sso/{id}")).await?;
            say(format_args!("removed {name}"));
        }
    }
    Ok(())
}

async fn list(api: &Api, how: ListArgs, instance: bool) -> Result<(), Failure> {
    let mut all = api.list(if instance { "/sso?of=instance" } else { "/sso" }).await?;
    if !how.json {
        let names = Names::load(api).await?;
        for provider in &mut all {
            let mappings = provider["mappings"].as_array().into_iter().flatten();
            let told = mappings.map(|mapping| {
                let group = mapping["group"].as_str().unwrap_or("everybody");
                format!("{group}: {}", names.grant(&mapping["place"], &cell(mapping, "role")))
            });
            provider["given"] = told.collect::<Vec<_>>().join("; ").into();
        }
    }
    let columns = [
        ("NAME", "name"),
        ("KIND", "kind"),
        ("ISSUER", "issuer"),
        ("ENABLED", "enabled"),
        ("GIVES", "given"),
    ];
    show::list(&all, how, &columns);
    Ok(())
}

async fn test(api: &Api, name: &str) -> Result<(), Failure> {
    let id = cell(&find(api, name).await?, "id");
    let told = api.post(&format!("/sso/{id}/test"), &json!({})).await?;
    for finding in told["findings"].as_array().into_iter().flatten() {
        let mark = if finding["ok"] == true { "ok" } else { "WRONG" };
        say(format_args!("{mark:5}  {}: {}", cell(finding, "what"), cell(finding, "text")));
    }
    if told["ok"] == true {
        Ok(())
    } else {
        Err(Failure::NotDone(format!("nobody can sign in through {name} yet")))
    }
}

/// The provider of that name or id: the team's, else the instance's for who may see those.
async fn find(api: &Api, name: &str) -> Result<Value, Failure> {
    let mut all = api.list("/sso").await.unwrap_or_default();
    if !all.iter().any(|one| cell(one, "name") == name || cell(one, "id") == name) {
        all = api.list("/sso?of=instance").await.unwrap_or_default();
    }
    all.into_iter().find(|one| cell(one, "name") == name || cell(one, "id") == name).ok_or_else(|| {
        Failure::NotDone(format!(
            "there is no identity provider `{name}`; `skep sso list` tells which there are"
        ))
    })
}

async fn change(api: &Api, name: &str, body: &Value) -> Result<(), Failure> {
    let id = cell(&find(api, name).await?, "id");
    api.patch(&format!("/sso/{id}"), body).await.map(drop)
}

/// All other mappings, and the new one in the place of what the group has there.
async fn map(
    api: &Api,
    name: &str,
    group: &Option<String>,
    at: &Value,
    new: Option<Value>,
) -> Result<(), Failure> {
    let provider = find(api, name).await?;
    let had = provider["mappings"].as_array().cloned().unwrap_or_default();
    let other = |mapping: &Value| mapping["place"] != *at || mapping["group"].as_str() != group.as_deref();
    let mut mappings: Vec<Value> = had.into_iter().filter(other).collect();
    mappings.extend(new);
    api.patch(&format!("/sso/{}", cell(&provider, "id")), &json!({"mappings": mappings})).await.map(drop)
}
