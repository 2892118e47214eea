//! `skep domains`.

mod set;

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
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
        /// Prove the host by a record in its DNS; wildcards always are
        #[arg(long)]
        dns: bool,
        /// The name is below `.internal` or `.local`: the instance's own authority speaks for it
        #[arg(long)]
        private: bool,
    },
    /// Prove that a domain is the team's: says which record to put, then looks for it
    ///
    /// `skep domains verify example.org`, once before the record is there and once after
    Verify { domain: String },
    /// The domains that the team has proved, or is about to
    Proofs(ListArgs),
    /// Forget a domain and its proof
    Forget { domain: String },
    /// All that holds for a domain
    Show {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        host: String,
        /// The path, where the host has several
        #[arg(long)]
        path: Option<String>,
    },
    /// Change what holds for a domain: `skep domains set web shop.example.org --compress true --rate 100/60`
    Set {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        host: String,
        /// The path, where the host has several
        #[arg(long)]
        path: Option<String>,
        #[command(flatten)]
        set: Box<set::Set>,
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
        Verb::Add { app, host, path, strip, port, service, plain_http, dns, private } => {
            let challenge = if dns { "dns" } else { "http" };
            let body = json!({
                "host": host, "path": path, "strip": strip, "port": port, "service": service, "https": !plain_http,
                "challenge": challenge, "private": private,
            });
            let made = api.post(&format!("{}/domains", app.address(api).await?), &body).await?;
            say(format_args!("{}{} leads to {app}", cell(&made, "host"), cell(&made, "path")));
        }
        Verb::Show { app, host, path } => {
            let address = format!("{}/domains", app.address(api).await?);
            show::json(&find(api, &address, &app, &host, path.as_deref()).await?);
        }
        Verb::Set { app, host, path, set } => {
            let address = format!("{}/domains", app.address(api).await?);
            let domain = find(api, &address, &app, &host, path.as_deref()).await?;
            let mut body = set.body(&domain)?;
            if set.no_logins {
                body.insert("logins".to_owned(), json!([]));
            } else if let Some(name) = &set.login {
                let password = ask::secret("Password of visitors")?;
                body.insert("logins".to_owned(), logins(&domain, name, password.expose()));
            }
            if body.is_empty() {
                return Err(Failure::Usage("say what to change: see `skep domains set --help`".to_owned()));
            }
            api.patch(&format!("{address}/{}", cell(&domain, "id")), &Value::Object(body)).await?;
            say(format_args!("{host} is served so within seconds"));
        }
        Verb::Remove { app, host, path } => {
            let address = format!("{}/domains", app.address(api).await?);
            let domain = find(api, &address, &app, &host, path.as_deref()).await?;
            api.delete(&format!("{address}/{}", cell(&domain, "id"))).await?;
            say(format_args!("{host} leads to {app} no more"));
        }
        Verb::Verify { domain } => verify(api, &domain).await?,
        Verb::Proofs(how) => {
            let all = api.list("/verified-domains").await?;
            let columns =
                [("DOMAIN", "domain"), ("PROVED", "verified_at"), ("RECORD", "record"), ("VALUE", "value")];
            show::list(&all, how, &columns);
        }
        Verb::Forget { domain } => {
            let found = proof(api, &domain).await?;
            let found = found.ok_or_else(|| Failure::NotDone(format!("there is no proof of {domain}")))?;
            api.delete(&format!("/verified-domains/{}", cell(&found, "id"))).await?;
            say(format_args!("{domain} is forgotten"));
        }
    }
    Ok(())
}

/// The one domain of that host, and path.
async fn find(
    api: &Api,
    address: &str,
    app: &AppName,
    host: &str,
    path: Option<&str>,
) -> Result<Value, Failure> {
    let mut found = api.list(address).await?;
    found.retain(|domain| {
        cell(domain, "host") == host && path.is_none_or(|path| cell(domain, "path") == path)
    });
    match found.len() {
        0 => Err(Failure::NotDone(format!("{app} has no domain {host}"))),
        1 => Ok(found.swap_remove(0)),
        _ => Err(Failure::Usage(format!("{host} has several paths; say which by --path"))),
    }
}

/// The logins as they are, and one more or with another password.
fn logins(domain: &Value, name: &str, password: &str) -> Value {
    let names = domain["logins"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut all: Vec<Value> =
        names.filter(|known| *known != name).map(|known| json!({"name": known})).collect();
    all.push(json!({"name": name, "password": password}));
    Value::Array(all)
}

/// Begins the proof of a domain, or ends it.
async fn verify(api: &Api, domain: &str) -> Result<(), Failure> {
    match proof(api, domain).await? {
        None => {
            let made = api.post("/verified-domains", &json!({"domain": domain})).await?;
            say(format_args!("put this TXT record, then run the command again:"));
            say(format_args!("{} {}", cell(&made, "record"), cell(&made, "value")));
        }
        Some(found) => {
            api.post(&format!("/verified-domains/{}/verify", cell(&found, "id")), &json!({})).await?;
            say(format_args!("{domain} is proved to be the team's"));
        }
    }
    Ok(())
}

/// The proof of a domain, if one was begun.
async fn proof(api: &Api, domain: &str) -> Result<Option<serde_json::Value>, Failure> {
    let all = api.list("/verified-domains").await?;
    Ok(all.into_iter().find(|one| cell(one, "domain") == domain))
}
