//! The one program: the server, its workers, and the client's commands. See `cli/`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Git starts this program in place of ssh; then there is nothing else to do.
    if let Some(error) = skep::git::cli::courier::answer() {
        eprintln!("skep: ssh could not be started: {error}");
        return ExitCode::FAILURE;
    }
    skep::cli::run()
}
