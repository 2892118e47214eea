//! Prints what `docker stack deploy` would send to the engine for Compose files: what `skep stack
//! convert` does, without the server.

use std::process::ExitCode;

use skep_stack::compose::{
    command::{Command, World, run},
    load::Missing,
};

fn main() -> ExitCode {
    let command = match Command::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let directory = std::env::current_dir().unwrap_or_default();
    let world = World {
        vars: std::env::vars().collect(),
        directory: directory.to_string_lossy().into_owned(),
        read: &|path| {
            std::fs::read(path).map_err(|why| match why.kind() {
                std::io::ErrorKind::NotFound => Missing::Absent,
                _ => Missing::Refused(format!("cannot be read: {why}")),
            })
        },
    };
    match run(&command, &world) {
        Ok(output) => {
            for note in &output.notes {
                eprintln!("note: {note}");
            }
            println!("{}", output.json);
            ExitCode::SUCCESS
        }
        Err(faults) => {
            for fault in &faults {
                eprintln!("{fault}");
            }
            ExitCode::FAILURE
        }
    }
}
