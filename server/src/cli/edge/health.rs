//! `skep edge health`: for the health check of the edge's container. Traefik's own word counts; what
//! the keeper says beside it stands in the check's output.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::{
    cli::{DONE, NOT_DONE, USAGE, health::ask, say, say_error},
    config::edge::PROVIDER,
    edge::keeper::entry::Point,
};

/// Ask Traefik on this machine whether it takes requests; exit code 0 if it does
///
/// It reads the same SKEP_EDGE_INTERNAL and SKEP_EDGE_PROVIDER as `skep edge run`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Where Traefik's ping is
    #[arg(long, env = "SKEP_EDGE_INTERNAL", value_name = "ADDRESS:PORT", default_value = ":8082")]
    internal: String,
    /// Where the keeper is
    #[arg(long, env = "SKEP_EDGE_PROVIDER", value_name = "ADDRESS:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, PROVIDER)))]
    provider: SocketAddr,
}

/// Within the four seconds that the stack files give.
const WITHIN: Duration = Duration::from_millis(1500);

pub(super) fn run(args: &Args) -> u8 {
    let internal = match Point::parse(&args.internal) {
        Ok(point) => point.here(),
        Err(rule) => {
            say_error(format_args!("SKEP_EDGE_INTERNAL: {rule}"));
            return USAGE;
        }
    };
    let status = match ask(args.provider, "/status", WITHIN) {
        Ok((200, status)) => status,
        Ok((status, _)) => return not(format_args!("the keeper answers {status}")),
        Err(error) => return not(format_args!("the keeper does not answer: {error}")),
    };
    say(&status);
    let told: serde_json::Value = serde_json::from_str(&status).unwrap_or_default();
    // One that has nothing to serve yet is well; one that has not loaded what there is must not take over.
    if told["loaded"].is_null() && !told["version"].is_null() {
        return not("Traefik has not loaded its routes yet");
    }
    match ask(internal, "/ping", WITHIN) {
        Ok((200, _)) => DONE,
        Ok((status, _)) => not(format_args!("Traefik answers {status}: it is ending")),
        Err(error) => not(format_args!("Traefik does not answer: {error}")),
    }
}

fn not(why: impl std::fmt::Display) -> u8 {
    say_error(why);
    NOT_DONE
}
