//! `skep join`: takes an invitation up, and keeps a token.

use serde_json::json;

use super::{ask, config, fault::Failure, login};

/// Take an invitation to a team up, and sign in
///
///   skep join --server https://skep.example.org
/// The code and a password are asked for: a new one, or that of your account there.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Where the server is
    #[arg(long, env = "SKEP_SERVER", value_name = "URL", default_value = config::LOCAL)]
    server: String,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let server = config::parse(&args.server)?;
    login::warn_if_open(&server);
    let code = ask::secret("Code")?;
    let password = ask::secret("Password")?;
    let body = json!({"code": code.expose(), "password": password.expose()});
    let api = super::api::Api::new(server.clone(), None)?;
    let token = login::made(&api, "/invitations/accept", &body).await?;
    login::finish(server, token).await
}
