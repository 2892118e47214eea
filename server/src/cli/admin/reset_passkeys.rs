//! `skep admin reset-passkeys`: for whoever lost the device that has theirs.

use super::{open::beside, told};
use crate::{cli::say, control::identity::passkeys, domain::clock::SystemClock};

/// Remove all passkeys of a person, and end their sessions
///
///   docker exec CONTAINER skep admin reset-passkeys me@example.org
/// From then on they sign in with their password (`skep admin reset-password` gives them a new one), and may
/// register other passkeys. Make sure that it is really them who ask for it.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Whose
    email: String,
    /// Folder of the server's data [default: /var/lib/skep]
    #[arg(long, env = "SKEP_DATA", value_name = "DIR")]
    data: Option<String>,
}

pub(super) fn run(args: Args) -> Result<(), String> {
    let email = args.email.as_str();
    beside(args.data, async |db, _| {
        let reset = passkeys::reset(db, &SystemClock, email).await;
        let (count, password) = reset.map_err(|error| told(&error, email))?;
        match count {
            0 => say(format_args!("{email} had no passkeys; nothing was changed")),
            count => say(format_args!("{count} passkeys of {email} are removed; their sessions have ended")),
        }
        if !password {
            say(format_args!(
                "they have no password: give them one with `skep admin reset-password {email}`"
            ));
        }
        Ok(())
    })
}
