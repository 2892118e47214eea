//! `skep invitations`.

use serde_json::{Value, json};

use super::{
    api::Api,
    fault::Failure,
    grant::{Names, PlaceName, place, role},
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// Open invitations, without their codes
    List(ListArgs),
    /// Invite somebody; the code is shown this once
    ///
    /// `skep invitations create ada@example.org --role deployer --at shop/staging`
    Create {
        email: String,
        #[arg(long, default_value = "viewer")]
        role: String,
        /// A project, or a project/environment; the whole team if absent
        #[arg(long)]
        at: Option<PlaceName>,
        /// Open for 1 to 30 days; 7 if absent
        #[arg(long)]
        days: Option<u32>,
    },
    /// Take an invitation back: its code works no longer
    Withdraw { email: String },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/invitations").await?;
            if !how.json {
                let names = Names::load(api).await?;
                for open in &mut all {
                    open["role"] = names.grant(&open["place"], &cell(open, "role")).into();
                }
            }
            show::list(&all, how, &[("EMAIL", "email"), ("ROLE", "role"), ("ENDS", "expires_at")]);
        }
        Verb::Create { email, role: name, at, days } => {
            let body = json!({
                "email": email,
                "role": role(api, &name).await?,
                "place": place(api, at.as_ref()).await?,
                "days": days,
            });
            let made = api.post("/invitations", &body).await?;
            say(format_args!("code: {}", cell(&made, "code")));
            say(format_args!("Send it to {email}: it works once, at /join or with `skep join`."));
        }
        Verb::Withdraw { email } => {
            let all = api.list("/invitations").await?;
            let theirs: Vec<&Value> = all.iter().filter(|open| cell(open, "email") == email).collect();
            if theirs.is_empty() {
                return Err(Failure::NotDone(format!("{email} has no open invitation")));
            }
            for open in theirs {
                api.delete(&format!("/invitations/{}", cell(open, "id"))).await?;
            }
            say(format_args!("took back the invitation of {email}"));
        }
    }
    Ok(())
}
