//! `skep teams`.

use serde_json::json;

use super::{
    api::Api,
    ask,
    fault::Failure,
    place::project,
    quota,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// My teams; all of them for the owner of the instance
    List(ListArgs),
    /// The team that this token is for, and what it may do there
    Show(ListArgs),
    /// Make a team; for the owner of the instance
    Create {
        name: String,
        /// Who owns it: somebody who is known here; me if absent
        #[arg(long, value_name = "EMAIL")]
        owner: Option<String>,
    },
    /// Rename the team that this token is for
    Rename { name: String },
    /// Remove a team that has no projects and no credentials; for the owner of the instance
    Delete {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// What a team may have at most and what it uses: the team that this token is for, if none is named
    Quota {
        team: Option<String>,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Set what a team may have at most, for the owner of the instance; `none` takes a bound away, and what
    /// is not named stays
    SetQuota {
        team: String,
        #[command(flatten)]
        limits: quota::Limits,
    },
    /// Move a project to another of my teams: `skep teams move shop "Web shop"`
    Move { project: String, team: String },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            show::list(
                &api.list("/teams").await?,
                how,
                &[("NAME", "name"), ("MADE", "created_at"), ("ID", "id")],
            );
        }
        Verb::Show(how) => {
            let mut team = api.get("/team").await?;
            if !how.json {
                let rights = team["somewhere"].as_array().into_iter().flatten().filter_map(|r| r.as_str());
                team["somewhere"] = rights.collect::<Vec<_>>().join(", ").into();
            }
            show::one(
                &team,
                how,
                &[
                    ("team", "team.name"),
                    ("rights", "somewhere"),
                    ("owner of the instance", "instance_owner"),
                ],
            );
        }
        Verb::Create { name, owner } => {
            let made = api.post("/teams", &json!({"name": name, "owner": owner})).await?;
            say(format_args!("made team {}; `skep login --team` signs in to it", cell(&made, "name")));
        }
        Verb::Rename { name } => {
            api.patch("/team", &json!({"name": name})).await?;
            say(format_args!("the team is called {name} now"));
        }
        Verb::Delete { name, yes } => {
            let id = id(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&format!("/teams/{id}")).await?;
            say(format_args!("removed team {name}"));
        }
        Verb::Quota { team, how } => quota::show(api, team.as_deref(), how).await?,
        Verb::SetQuota { team, limits } => quota::set(api, &team, &limits).await?,
        Verb::Move { project: name, team } => {
            let found = project(api, &name).await?;
            let to = id(api, &team).await?;
            api.post(&format!("/projects/{}/move", cell(&found, "id")), &json!({"team": to})).await?;
            say(format_args!("project {name} belongs to {team} now"));
        }
    }
    Ok(())
}

/// The id of a team, by its name or id.
pub(super) async fn id(api: &Api, name: &str) -> Result<String, Failure> {
    let all = api.list("/teams").await?;
    let mut found = all.iter().filter(|team| cell(team, "name") == name || cell(team, "id") == name);
    match (found.next(), found.next()) {
        (Some(team), None) => Ok(cell(team, "id")),
        (Some(_), Some(_)) => {
            Err(Failure::NotDone(format!("several teams are called `{name}`; give the id")))
        }
        _ => Err(Failure::NotDone(format!(
            "there is no team `{name}`; `skep teams list` tells which there are"
        ))),
    }
}
