//! What `skep` does when git starts it in place of ssh, for tests of git over ssh.

use std::process::ExitCode;

fn main() -> ExitCode {
    match skep::git::cli::courier::answer() {
        Some(error) => eprintln!("git-courier: ssh could not be started: {error}"),
        None => eprintln!("git-courier: to be started by git alone"),
    }
    ExitCode::FAILURE
}
