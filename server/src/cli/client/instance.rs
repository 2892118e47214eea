//! `skep config` and `skep ssl`: what counts for the whole instance.

use serde_json::json;

use super::{api::Api, fault::Failure, show::cell};
use crate::cli::say;

/// Settings.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Config {
    /// Change a setting: `skep config set domain skep.example.org`
    #[command(subcommand)]
    Set(Set),
}

/// Which.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Set {
    /// The host of the dashboard itself
    Domain {
        #[arg(value_name = "FQDN")]
        name: String,
    },
}

/// The instance's own certificate.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Ssl {
    /// Get a certificate for the instance's own host: `skep ssl enable --email me@example.org`
    Enable {
        /// Where the authority may write to
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// `production`, `staging` (for tries), or the URL of an ACME directory
        #[arg(long, value_parser = directory)]
        directory: Option<String>,
    },
}

/// The directories of Let's Encrypt by name; others by their URL.
fn directory(text: &str) -> Result<String, &'static str> {
    match text {
        "production" => Ok("https://acme-v02.api.letsencrypt.org/directory".to_owned()),
        "staging" => Ok("https://acme-staging-v02.api.letsencrypt.org/directory".to_owned()),
        url if url.starts_with("https://") => Ok(url.to_owned()),
        _ => Err("give `production`, `staging`, or an https URL"),
    }
}

/// Changes a setting.
pub(super) async fn config(verb: Config, api: &Api) -> Result<(), Failure> {
    let Config::Set(Set::Domain { name }) = verb;
    let settings = api.patch("/settings", &json!({"domain": name})).await?;
    say(format_args!("the dashboard's host is {}", cell(&settings, "domain")));
    Ok(())
}

/// Asks for the certificate.
pub(super) async fn ssl(verb: Ssl, api: &Api) -> Result<(), Failure> {
    let Ssl::Enable { email, directory } = verb;
    if let Some(directory) = directory {
        api.patch("/settings", &json!({"acme_directory": directory})).await?;
    }
    let certificate = api.post("/settings/tls", &json!({"email": email})).await?;
    say(format_args!("{}: certificate {}", cell(&certificate, "host"), cell(&certificate, "state")));
    say("`skep doctor` tells whether it came, and why not.");
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn directories() {
        use super::directory;
        assert!(directory("staging").is_ok_and(|url| url.contains("staging")));
        assert!(directory("production").is_ok_and(|url| !url.contains("staging")));
        assert_eq!(directory("https://acme.example.org/dir").as_deref(), Ok("https://acme.example.org/dir"));
        assert!(directory("http://acme.example.org/dir").is_err());
        assert!(directory("live").is_err());
    }
}
