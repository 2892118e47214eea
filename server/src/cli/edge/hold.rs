//! `skep edge hold`: the sockets of a node's entry points.

use std::path::PathBuf;

use super::{faults, on_one_thread};
use crate::{
    cli::DONE,
    config::edge::{EntryOptions, entry},
    edge::keeper::hold,
};

/// Hold the listening sockets of this node, so that Traefik can be replaced without a gap
///
/// Runs on the node's own network; `skep edge run --hold` takes the sockets from it.
///   skep edge hold --socket /sockets/edge
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    options: EntryOptions,
    /// Where it is asked for them
    #[arg(long, env = "SKEP_EDGE_HOLD", value_name = "FILE")]
    socket: PathBuf,
}

pub(super) fn run(args: &Args) -> u8 {
    let entry = match entry(&args.options, &|name| std::env::var(name).ok()) {
        Ok(entry) => entry,
        Err(wrong) => return faults(wrong),
    };
    on_one_thread(async |stop| hold::run(&entry, &args.socket, stop).await.map(|()| DONE))
}
