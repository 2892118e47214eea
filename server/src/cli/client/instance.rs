//! `skep config` and `skep ssl`: what counts for the whole instance.

use std::time::Duration;

use serde_json::json;

use super::{api::Api, fault::Failure, show::cell};
use crate::cli::{DONE, say};

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
        /// Until the certificate is there, or failed: exit code 0 or 1
        #[arg(long)]
        wait: bool,
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
pub(super) async fn ssl(verb: Ssl, api: &Api) -> Result<u8, Failure> {
    let Ssl::Enable { email, directory, wait } = verb;
    if let Some(directory) = directory {
        api.patch("/settings", &json!({"acme_directory": directory})).await?;
    }
    let certificate = api.post("/settings/tls", &json!({"email": email})).await?;
    let host = cell(&certificate, "host");
    if !wait {
        say(format_args!(
            "{host}: a certificate is asked for; `skep doctor` tells whether it came, and why not"
        ));
        return Ok(DONE);
    }
    let mut said = String::new();
    loop {
        let settings = api.get("/settings").await?;
        let (state, reason) = (cell(&settings, "certificate.state"), cell(&settings, "certificate.reason"));
        match state.as_str() {
            "issued" => {
                say(format_args!("{host} has a certificate: https://{host}"));
                return Ok(DONE);
            }
            "failed" => return Err(Failure::NotDone(format!("{host} has no certificate: {reason}"))),
            _ if reason != said && reason != "-" => say(format_args!("not yet: {reason}")),
            _ => {}
        }
        said = reason;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
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
