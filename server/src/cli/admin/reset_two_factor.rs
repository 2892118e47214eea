//! `skep admin reset-two-factor`: for whoever lost the app and the recovery codes.

use super::{open::beside, told};
use crate::domain::clock::SystemClock;
use crate::{cli::say, control::identity::two_factor};

/// Turn a person's two-factor sign-in off, and end their sessions
///
///   docker exec CONTAINER skep admin reset-two-factor me@example.org
/// From then on their password alone is asked for, until they turn it on again. Make sure that it is
/// really them who ask for it.
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
        let was = two_factor::reset(db, &SystemClock, email).await.map_err(|error| told(&error, email))?;
        if was {
            say(format_args!("two-factor sign-in of {email} is off; their sessions have ended"));
        } else {
            say(format_args!("two-factor sign-in of {email} was off; nothing was changed"));
        }
        Ok(())
    })
}
