//! What is done on the server's own machine (in its container), with its settings and its database,
//! beside the server: it asks nobody, and needs no sign-in.
//!
//! To add a command: its file with `Args` and `run`, a variant in [`Verb`], and a line in [`run`].

mod rotate_key;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Verb {
    RotateKey(rotate_key::Args),
}

/// Does it, and gives the exit code.
pub(super) fn run(verb: Verb) -> u8 {
    match verb {
        Verb::RotateKey(args) => rotate_key::run(args),
    }
}
