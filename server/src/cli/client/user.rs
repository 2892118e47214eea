//! `skep user`.

use std::{io::IsTerminal as _, path::PathBuf};

use serde_json::json;

use super::{api::Api, ask, config, fault::Failure, login};
use crate::{
    cli::say,
    domain::{
        clock::{Clock as _, SystemClock},
        secret::Secret,
    },
};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// Make a person
    #[command(subcommand)]
    Create(Create),
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Create {
    Admin(Admin),
}

/// Make the first admin of a new server, and sign in as them
///
///   skep user create admin --email me@example.org --setup-token-file /var/lib/skep/setup-token
/// The server tells the one-time token when it is first started. The password is asked for or read
/// from standard input; with --generate one is made, and shown this once.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Admin {
    /// Where the server is
    #[arg(long, env = "SKEP_SERVER", value_name = "URL", default_value = config::LOCAL)]
    server: String,
    #[arg(long)]
    email: String,
    /// The one-time token; asked for if absent
    #[arg(long, env = "SKEP_SETUP_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    setup_token: Option<String>,
    /// A file with the one-time token
    #[arg(long, env = "SKEP_SETUP_TOKEN_FILE", value_name = "FILE", conflicts_with = "setup_token")]
    setup_token_file: Option<PathBuf>,
    /// Make a password, and show it this once
    #[arg(long)]
    generate: bool,
}

pub(super) async fn run(verb: Verb) -> Result<(), Failure> {
    let Verb::Create(Create::Admin(args)) = verb;
    let server = config::parse(&args.server)?;
    login::warn_if_open(&server);
    let token = match (&args.setup_token, &args.setup_token_file) {
        (Some(token), _) => Secret::new(token.trim()),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::NotDone(format!("{} cannot be read: {error}", file.display())))?;
            Secret::new(text.trim())
        }
        (None, None) => ask::secret("One-time token")?,
    };
    let password = password(args.generate)?;
    let body = json!({"token": token.expose(), "email": args.email, "password": password.expose()});
    let token = login::made(&Api::new(server.clone(), None)?, "/setup", &body).await?;
    login::finish(server, token).await
}

/// A new password: asked for, or made and told.
pub(in crate::cli) fn password(generate: bool) -> Result<Secret, Failure> {
    if !generate {
        return chosen();
    }
    let password = generated();
    // Told before it counts: an answer that is lost must not lock anybody out.
    say(format_args!("password: {}", password.expose()));
    say("Keep it: it is not shown again.");
    Ok(password)
}

/// In a terminal it is typed twice: nobody sees a slip.
fn chosen() -> Result<Secret, Failure> {
    let password = ask::secret("Password")?;
    if std::io::stdin().is_terminal() && ask::secret("Once more")?.expose() != password.expose() {
        return Err(Failure::NotDone("the two passwords differ; nothing was done".into()));
    }
    Ok(password)
}

/// 144 bits.
fn generated() -> Secret {
    use base64::Engine as _;
    let mut bytes = [0; 18];
    SystemClock.fill(&mut bytes);
    Secret::new(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
