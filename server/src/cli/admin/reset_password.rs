//! `skep admin reset-password`: a new password for whoever lost theirs.

use super::{open::beside, told};
use crate::{
    cli::{client::password, say},
    control::identity,
    domain::clock::SystemClock,
};

/// Give a person another password, and end their sessions and tokens
///
///   docker exec -it CONTAINER skep admin reset-password me@example.org
/// The password is asked for, or read from standard input; with --generate one is made, and shown this
/// once. Two-factor sign-in stays as it is: `skep admin reset-two-factor` turns it off.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Whose
    email: String,
    /// Make a password, and show it this once
    #[arg(long)]
    generate: bool,
    /// Folder of the server's data [default: /var/lib/skep]
    #[arg(long, env = "SKEP_DATA", value_name = "DIR")]
    data: Option<String>,
}

pub(super) fn run(args: Args) -> Result<(), String> {
    let email = args.email.as_str();
    beside(args.data, async |db, _| {
        identity::person(db, email).await.map_err(|error| told(&error, email))?;
        let new = password(args.generate).map_err(|failure| failure.to_string())?;
        let done = identity::reset_password(db, &SystemClock, email, &new).await;
        done.map_err(|error| told(&error, email))?;
        say(format_args!("{email} has a new password; their sessions and tokens have ended"));
        Ok(())
    })
}
