//! `skep ports`.

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
    /// The public ports of an app, for what is not HTTP
    List {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Lead a public port to an app: `skep ports add db 5432`
    Add {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        /// One of the instance's public ports
        public: u16,
        /// The port in the container; the same number if absent
        #[arg(long)]
        port: Option<u16>,
        /// Packets instead of connections
        #[arg(long)]
        udp: bool,
        /// The service of a Compose app
        #[arg(long)]
        service: Option<String>,
        /// Visitors must name this host in TLS, which the edge speaks with its certificate
        #[arg(long)]
        host: Option<String>,
        /// The app speaks TLS itself
        #[arg(long, requires = "host")]
        passthrough: bool,
        /// Only visitors from this range; several times
        #[arg(long, value_name = "RANGE")]
        allow: Vec<String>,
    },
    /// Take a public port away from an app
    Remove {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        public: u16,
        /// Packets instead of connections
        #[arg(long)]
        udp: bool,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { app, how } => {
            let all = api.list(&format!("{}/ports", app.address(api).await?)).await?;
            let columns = [
                ("PUBLIC", "public"),
                ("PROTOCOL", "protocol"),
                ("PORT", "port"),
                ("SERVICE", "service"),
                ("TLS", "tls"),
                ("HOST", "host"),
            ];
            show::list(&all, how, &columns);
        }
        Verb::Add { app, public, port, udp, service, host, passthrough, allow } => {
            let tls = host.as_ref().map(|_| if passthrough { "passthrough" } else { "terminate" });
            let body = json!({
                "protocol": spoken(udp), "public": public, "port": port.unwrap_or(public), "service": service,
                "tls": tls, "host": host, "allow": Some(allow).filter(|allow| !allow.is_empty()),
            });
            api.post(&format!("{}/ports", app.address(api).await?), &body).await?;
            say(format_args!("{} {public} leads to {app}", spoken(udp)));
        }
        Verb::Remove { app, public, udp } => {
            let address = format!("{}/ports", app.address(api).await?);
            let all = api.list(&address).await?;
            let number = public.to_string();
            let found = all
                .iter()
                .find(|port| cell(port, "public") == number && cell(port, "protocol") == spoken(udp))
                .ok_or_else(|| Failure::NotDone(format!("{app} has no port {} {public}", spoken(udp))))?;
            api.delete(&format!("{address}/{}", cell(found, "id"))).await?;
            say(format_args!("{} {public} leads to {app} no more", spoken(udp)));
        }
    }
    Ok(())
}

const fn spoken(udp: bool) -> &'static str {
    if udp { "udp" } else { "tcp" }
}
