//! `skep edge`: what runs on the nodes that face visitors. See `edge/keeper/`.
//!
//! To add one: a variant here with its help, and its file.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::{NOT_DONE, USAGE, say_error};
use crate::{config::Fault, telemetry};

mod health;
mod hold;
mod run;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Verb {
    Run(Box<run::Args>),
    Hold(Box<hold::Args>),
    Health(health::Args),
    /// What `run` starts, and what becomes Traefik
    #[command(hide = true)]
    Traefik {
        traefik: PathBuf,
        file: PathBuf,
        #[arg(requires = "id")]
        hold: Option<PathBuf>,
        id: Option<String>,
    },
}

pub(super) fn run(verb: Verb) -> u8 {
    match verb {
        Verb::Run(args) => run::run(&args),
        Verb::Hold(args) => hold::run(&args),
        Verb::Health(args) => health::run(&args),
        Verb::Traefik { traefik, file, hold, id } => {
            let hold = hold.as_deref().zip(id.as_deref());
            say_error(crate::edge::keeper::sockets::become_traefik(&traefik, &file, hold));
            NOT_DONE
        }
    }
}

/// Does something on one thread, with a token that a signal cancels; its exit code.
fn on_one_thread(work: impl AsyncFnOnce(CancellationToken) -> Result<u8, String>) -> u8 {
    let variable = |name: &str| std::env::var(name).ok();
    if let Err(message) =
        telemetry::start(variable("SKEP_LOG").as_deref(), variable("SKEP_LOG_FORMAT").as_deref())
    {
        say_error(message);
        return USAGE;
    }
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no thread to work with: {error}"))
        .and_then(|runtime| runtime.block_on(async { work(crate::lifecycle::until_told()).await }));
    done.unwrap_or_else(|message| {
        say_error(message);
        NOT_DONE
    })
}

/// Says all faults of the settings.
fn faults(faults: Vec<Fault>) -> u8 {
    for fault in faults {
        say_error(fault);
    }
    USAGE
}
