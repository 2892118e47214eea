//! The client's commands: everything that a person does with a server, over its API alone.
//!
//! To add a noun: its file with `Args` (or `Verb`s) and `run`, a variant in [`Command`] and a line
//! in [`Command::run`]. A list gives its columns to [`show::list`] and has `--json` by that.

mod api;
mod ask;
mod config;
mod environments;
mod fault;
mod login;
mod place;
mod projects;
mod show;
mod whoami;

use self::{api::Api, fault::Failure};

/// What can be asked of a server.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Login(login::Args),
    /// Tell who is signed in, and where
    Whoami(show::ListArgs),
    /// Groups of environments
    #[command(subcommand)]
    Projects(projects::Verb),
    /// Production, staging and their like
    #[command(subcommand)]
    Environments(environments::Verb),
}

impl Command {
    /// Does it and gives the exit code; why it was not done is on standard error.
    pub(super) fn run(self) -> u8 {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                super::say_error(format_args!("no thread to work with: {error}"));
                return super::NOT_DONE;
            }
        };
        match runtime.block_on(self.done()) {
            Ok(code) => code,
            Err(failure) => {
                super::say_error(&failure);
                failure.exit_code()
            }
        }
    }

    async fn done(self) -> Result<u8, Failure> {
        match self {
            Self::Login(args) => return login::run(args).await.map(|()| super::DONE),
            _ => {}
        }
        let api = Api::signed_in()?;
        match self {
            Self::Whoami(args) => whoami::run(args, &api).await,
            Self::Projects(verb) => projects::run(verb, &api).await,
            Self::Environments(verb) => environments::run(verb, &api).await,
            Self::Login(_) => Ok(()),
        }
        .map(|()| super::DONE)
    }
}
