//! `skep admin list-people`: who can sign in.

use serde_json::json;

use super::{open::beside, told};
use crate::{
    cli::client::{ListArgs, list},
    control::identity,
};

/// Show everybody who can sign in
///
///   docker exec CONTAINER skep admin list-people
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    how: ListArgs,
    /// Folder of the server's data [default: /var/lib/skep]
    #[arg(long, env = "SKEP_DATA", value_name = "DIR")]
    data: Option<String>,
}

pub(super) fn run(args: Args) -> Result<(), String> {
    beside(args.data, async |db, _| {
        let people = identity::people(db).await.map_err(|error| told(&error, ""))?;
        let people: Vec<_> = people
            .into_iter()
            .map(|(user, on, passkeys)| {
                json!({
                    "email": user.email.as_str(),
                    "owner": user.owner,
                    "two_factor": on,
                    "passkeys": passkeys,
                    "created_at": user.created_at,
                })
            })
            .collect();
        let columns = [
            ("EMAIL", "email"),
            ("OWNS THE INSTANCE", "owner"),
            ("TWO-FACTOR", "two_factor"),
            ("PASSKEYS", "passkeys"),
            ("SINCE", "created_at"),
        ];
        list(&people, args.how, &columns);
        Ok(())
    })
}
