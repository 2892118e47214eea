//! What is done on the server's own machine (in its container), with its settings and its database,
//! beside the server: it asks nobody, and needs no sign-in.
//!
//! To add a command: its file with `Args` and `run`, a variant in [`Verb`], and a line in [`run`].

mod list_people;
mod open;
mod reset_passkeys;
mod reset_password;
mod reset_two_factor;
mod rotate_key;

use super::{DONE, NOT_DONE, say_error};
use crate::control::Error;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Verb {
    RotateKey(rotate_key::Args),
    ListPeople(list_people::Args),
    ResetPassword(reset_password::Args),
    ResetPasskeys(reset_passkeys::Args),
    ResetTwoFactor(reset_two_factor::Args),
}

/// Does it, and gives the exit code.
pub(super) fn run(verb: Verb) -> u8 {
    let done = match verb {
        Verb::RotateKey(args) => rotate_key::run(args),
        Verb::ListPeople(args) => list_people::run(args),
        Verb::ResetPassword(args) => reset_password::run(args),
        Verb::ResetPasskeys(args) => reset_passkeys::run(args),
        Verb::ResetTwoFactor(args) => reset_two_factor::run(args),
    };
    match done {
        Ok(()) => DONE,
        Err(message) => {
            message.lines().for_each(say_error);
            NOT_DONE
        }
    }
}

/// Why a command was refused, with the way out.
fn told(error: &Error, email: &str) -> String {
    match error {
        Error::NotFound(_) => {
            format!("nobody here has the address {email}: `skep admin list-people` shows who has one")
        }
        Error::Invalid(faults) => {
            let lines = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message));
            lines.collect::<Vec<_>>().join("\n")
        }
        // There is no log here in which the cause could be found.
        Error::Internal(cause) => format!("{error}: {cause}"),
        error => error.to_string(),
    }
}
