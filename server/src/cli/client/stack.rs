//! `skep stack`: `convert` looks at Compose files on this machine, and asks no server; `plan` is
//! that of an app, and `adopt` makes an app of a stack.

use std::path::Path;

use skep_stack::compose::{
    command::{Command, World, run as convert},
    load::Missing,
};

use super::{adopt, fault::Failure, plan, show};
use crate::cli::say;

/// What can be done with Compose files.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    Convert(Args),
    Plan(plan::Args),
    Adopt(adopt::Args),
}

/// Print what `docker stack deploy` would send to the engine for Compose files, as JSON
///
/// `skep stack convert --name shop compose.yaml`. What is left out, and why, is told on standard
/// error, with file, line and column; so is all that is wrong.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The stack's name: services are `NAME_service`
    #[arg(long)]
    name: String,
    /// A file of variables (may repeat; later ones win, and the environment over all)
    #[arg(long, value_name = "FILE")]
    env_file: Vec<String>,
    /// An active profile (may repeat)
    #[arg(long, value_name = "NAME")]
    profile: Vec<String>,
    /// Compose files, later ones over earlier; the first one's folder is the project's
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let command =
        Command { name: args.name, env_files: args.env_file, profiles: args.profile, files: args.files };
    let directory = std::env::current_dir()
        .map_err(|why| Failure::NotDone(format!("the working directory cannot be told: {why}")))?;
    let world = World {
        vars: std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        directory: directory.to_string_lossy().into_owned(),
        read: &|path| read(Path::new(path)),
    };
    match convert(&command, &world) {
        Ok(output) => {
            for note in &output.notes {
                crate::cli::say_error(format_args!("note: {}", show::plain(&note.to_string())));
            }
            say(output.json);
            Ok(())
        }
        Err(faults) => {
            let lines: Vec<String> = faults.iter().map(|fault| show::plain(&fault.to_string())).collect();
            Err(Failure::NotDone(lines.join("\n      ")))
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Missing> {
    std::fs::read(path).map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound => Missing::Absent,
        _ => Missing::Refused(format!("cannot be read: {why}")),
    })
}
