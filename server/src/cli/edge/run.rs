//! `skep edge run`: the keeper, with Traefik as its child.

use std::sync::Arc;

use super::{faults, on_one_thread};
use crate::{
    cli::{DONE, say},
    config::edge::{KeeperOptions, keeper},
    domain::clock::SystemClock,
    edge::keeper as edge,
};

/// Run Traefik, fed by Skep: keeps the last good routes and certificates on this node
///
/// Each setting is also read from a file named by NAME_FILE. Without a flag, as it is secret: SKEP_EDGE_TOKEN.
///   skep edge run --skep http://skep:3000 --keep /data --traefik /traefik
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    options: KeeperOptions,
    /// Check the settings, say every fault at once, and do nothing else
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &Args) -> u8 {
    let settings = match keeper(&args.options, &|name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(wrong) => return faults(wrong),
    };
    if args.check {
        say("the settings of the edge are right");
        return DONE;
    }
    // Whatever is made from here on is nobody else's to read.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    on_one_thread(async |stop| edge::run(settings, Arc::new(SystemClock), stop).await)
}
