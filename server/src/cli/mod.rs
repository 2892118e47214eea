//! The command line. Each command is a file named by it; all end with an exit code that tells
//! the truth: 0 done, 1 not done, 2 asked wrongly, 3 the server cannot be reached.
//!
//! To add a command: a variant in [`Command`] with a help text that says what it does and shows
//! one example, its file with `Args` and `run`, and a line in [`run`].

use std::process::ExitCode;

use clap::Parser;

mod admin;
mod client;
pub mod dashboard;
mod edge;
mod health;
mod parts;
mod serve;

const EXAMPLES: &str = "\
Examples:
  skep login --server https://skep.example.org --email me@example.org
  skep projects create shop
  skep apps create shop/production/web --git https://git.example.org/shop.git --port 8080
  skep deploy web --wait
  skep logs web --follow

`skep COMMAND --help` has more. SKEP_SERVER and SKEP_TOKEN take the place of `skep login`.
Exit codes: 0 done, 1 not done, 2 asked wrongly, 3 the server cannot be reached or lets nobody in.";

/// Push to git, and your app is built, rolled out on your Docker Swarm, and served over HTTPS.
#[derive(Debug, Parser)]
#[command(name = "skep", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Serve(Box<serve::Args>),
    Health(health::Args),
    /// One Traefik with its keeper, on a node of its own
    #[command(subcommand)]
    Edge(edge::Verb),
    /// Work on the server's own machine, beside the server
    #[command(subcommand)]
    Admin(admin::Verb),
    #[command(flatten)]
    Client(client::Command),
}

/// It was done.
pub const DONE: u8 = 0;
/// It was not done; the reason is on standard error.
pub const NOT_DONE: u8 = 1;
/// It was asked in a way that cannot be understood.
pub const USAGE: u8 = 2;
/// The server cannot be reached, or lets nobody in.
pub const UNREACHABLE: u8 = 3;
/// Stopped by Ctrl-C, as shells say it: 128 and the signal's number.
pub const INTERRUPTED: u8 = 130;
/// Ended by a pipe that nobody reads any more.
const PIPE_CLOSED: i32 = 141;

/// Does what the command line asks.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { DONE });
        }
    };
    let code = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Health(args) => health::run(&args),
        Command::Edge(verb) => edge::run(verb),
        Command::Admin(verb) => admin::run(verb),
        Command::Client(command) => command.run(),
    };
    ExitCode::from(code)
}

/// Says on standard error why something was not done.
fn say_error(message: impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "skep: {message}");
}

/// Says something on standard output. Where nobody reads it any more (`skep logs web -f | head`)
/// the program ends, quietly, as all others in a pipe do.
fn say(line: impl std::fmt::Display) {
    use std::io::Write as _;
    if writeln!(std::io::stdout(), "{line}").is_err_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
        std::process::exit(PIPE_CLOSED);
    }
}

/// Says something for the server, which goes on whether or not somebody reads it.
fn announce(line: impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}
