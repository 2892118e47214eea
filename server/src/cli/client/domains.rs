//! `skep domains`.

use serde_json::json;

use super::{
    api::Api,
    fault::Failure,
    place::AppName,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The domains of an app, with their certificates
    List {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Lead a host to an app: `skep domains add web shop.example.org`
    Add {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        host: String,
        /// Only requests under this path
        #[arg(long)]
        path: Option<String>,
        /// Take the path off before the app sees the request
        #[arg(long, requires = "path")]
        strip: bool,
        /// The port in the container; the app's own if absent
        #[arg(long)]
        port: Option<u16>,
        /// The service of a Compose app
        #[arg(long)]
        service: Option<String>,
        /// Serve over plain http, without a certificate
        #[arg(long)]
        plain_http: bool,
    },
    /// Take a domain away from an app
    Remove {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        host: String,
        /// The path, where the host has several
        #[arg(long)]
        path: Option<String>,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { app, how } => {
            let all = api.list(&format!("{}/domains", app.address(api).await?)).await?;
            let columns = [
                ("HOST", "host"),
                ("PATH", "path"),
                ("PORT", "port"),
                ("HTTPS", "https"),
                ("CERTIFICATE", "certificate.state"),
                ("UNTIL", "certificate.not_after"),
                ("WHY", "certificate.reason"),
            ];
            show::list(&all, how, &columns);
        }
        Verb::Add { app, host, path, strip, port, service, plain_http } => {
            let body = json!({
                "host": host, "path": path, "strip": strip, "port": port, "service": service, "https": !plain_http,
            });
            let made = api.post(&format!("{}/domains", app.address(api).await?), &body).await?;
            say(format_args!("{}{} leads to {app}", cell(&made, "host"), cell(&made, "path")));
        }
        Verb::Remove { app, host, path } => {
            let address = format!("{}/domains", app.address(api).await?);
            let mut found = api.list(&address).await?;
            found.retain(|domain| {
                cell(domain, "host") == host && path.as_ref().is_none_or(|path| cell(domain, "path") == *path)
            });
            match found.as_slice() {
                [domain] => api.delete(&format!("{address}/{}", cell(domain, "id"))).await?,
                [] => return Err(Failure::NotDone(format!("{app} has no domain {host}"))),
                _ => return Err(Failure::Usage(format!("{host} has several paths; say which by --path"))),
            }
            say(format_args!("{host} leads to {app} no more"));
        }
    }
    Ok(())
}
