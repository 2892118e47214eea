//! `skep dns`. Credentials come from a prompt or standard input, and are never shown.

use serde_json::{Map, Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    grant::{Names, PlaceName, place},
    show::{self, ListArgs, cell},
};
use crate::{cli::say, domain::secret::Secret};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The DNS providers of the team
    List(ListArgs),
    /// Name a DNS provider; its credentials are asked for
    ///
    /// `skep dns create cloudflare --kind cloudflare --zone example.org`, then `skep dns test cloudflare`
    Create(Box<Create>),
    /// Give a DNS provider other zones, or other credentials, which are asked for
    Change {
        name: String,
        /// A zone that it is for from now on, instead of all before; may be given several times
        #[arg(long = "zone")]
        zones: Vec<String>,
        /// Ask for other credentials
        #[arg(long)]
        credentials: bool,
        #[command(flatten)]
        login: Login,
    },
    /// Put a harmless record in each zone, look it up, and take it away
    Test { name: String },
    /// Remove a DNS provider
    Delete {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// A provider to be named.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Create {
    /// What people call it
    name: String,
    #[arg(long, value_enum)]
    kind: Kind,
    /// A zone there that it is for, as `example.org`; may be given several times
    #[arg(long = "zone", required = true)]
    zones: Vec<String>,
    /// The project, or project/environment, whose apps may use it; the whole team if absent
    #[arg(long)]
    at: Option<PlaceName>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    login: Login,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Kind {
    Cloudflare,
    /// AWS Route 53
    Route53,
    Digitalocean,
    /// Hetzner's DNS in its cloud console
    Hetzner,
    Desec,
    /// A name server that takes dynamic updates: BIND, Knot, PowerDNS
    Rfc2136,
    AcmeDns,
}

/// What some kinds need.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Settings {
    /// Where it answers; most kinds have an address of their own
    #[arg(long)]
    address: Option<String>,
    /// RFC 2136: the primary name server, as `ns1.example.org`
    #[arg(long)]
    server: Option<String>,
    /// RFC 2136: how messages are signed: `hmac_sha256` or `hmac_sha512` [default: hmac_sha256]
    #[arg(long)]
    algorithm: Option<String>,
    /// acme-dns: the subdomain of the registration
    #[arg(long)]
    subdomain: Option<String>,
}

/// Whom the provider knows.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Login {
    /// An access key's id, a TSIG key's name or a username; none for a token alone
    #[arg(long)]
    id: Option<String>,
}

impl Login {
    fn ask(self) -> Result<Value, Failure> {
        let what = if self.id.is_some() { "Secret" } else { "Token" };
        let secret = ask::secret(what)?;
        Ok(json!({"id": self.id.unwrap_or_default(), "secret": Secret::expose(&secret)}))
    }
}

/// As the API has them: the kind's name, and what was given.
fn settings(kind: Kind, given: Settings) -> Value {
    let kind = match kind {
        Kind::Cloudflare => "cloudflare",
        Kind::Route53 => "route53",
        Kind::Digitalocean => "digitalocean",
        Kind::Hetzner => "hetzner",
        Kind::Desec => "desec",
        Kind::Rfc2136 => "rfc2136",
        Kind::AcmeDns => "acme_dns",
    };
    let Settings { address, server, algorithm, subdomain } = given;
    let given = [
        ("kind", Some(kind.to_owned())),
        ("address", address),
        ("server", server),
        ("algorithm", algorithm),
        ("subdomain", subdomain),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    given.collect::<Map<_, _>>().into()
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/dns-providers").await?;
            if !how.json {
                let names = Names::load(api).await?;
                for one in &mut all {
                    one["kind"] = one["settings"]["kind"].clone();
                    let zones: Vec<&str> =
                        one["zones"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    one["zones"] = zones.join(", ").into();
                    one["at"] = names.place(&one["place"]).into();
                }
            }
            let columns = [("NAME", "name"), ("KIND", "kind"), ("ZONES", "zones"), ("FOR", "at")];
            show::list(&all, how, &columns);
        }
        Verb::Create(new) => {
            let Create { name, kind, zones, at, settings: given, login } = *new;
            let place = place(api, at.as_ref()).await?;
            let body = json!({
                "name": name, "place": place, "zones": zones,
                "settings": settings(kind, given), "login": login.ask()?,
            });
            api.post("/dns-providers", &body).await?;
            say(format_args!("made DNS provider {name}; `skep dns test {name}` tries it"));
        }
        Verb::Change { name, zones, credentials, login } => {
            let id = find(api, &name).await?;
            let mut body = Map::new();
            if !zones.is_empty() {
                body.insert("zones".to_owned(), json!(zones));
            }
            if credentials || login.id.is_some() {
                body.insert("login".to_owned(), login.ask()?);
            }
            if body.is_empty() {
                return Err(Failure::Usage("say what is to be changed: --zone or --credentials".to_owned()));
            }
            api.patch(&format!("/dns-providers/{id}"), &body.into()).await?;
            say(format_args!("changed DNS provider {name}"));
        }
        Verb::Test { name } => {
            let id = find(api, &name).await?;
            let found = api.post(&format!("/dns-providers/{id}/test"), &json!({})).await?;
            if found["ok"] != true {
                return Err(Failure::NotDone(cell(&found, "message")));
            }
            say(format_args!("a record was put in each zone of {name}, seen, and taken away"));
        }
        Verb::Delete { name, yes } => {
            let id = find(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&format!("/dns-providers/{id}")).await?;
            say(format_args!("removed DNS provider {name}"));
        }
    }
    Ok(())
}

/// The id of a provider, by its name.
async fn find(api: &Api, name: &str) -> Result<String, Failure> {
    let all = api.list("/dns-providers").await?;
    let found = all.iter().find(|one| cell(one, "name") == name);
    found.map(|one| cell(one, "id")).ok_or_else(|| {
        Failure::NotDone(format!("there is no DNS provider `{name}`; `skep dns list` tells which there are"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_sent() {
        let none = || Settings { address: None, server: None, algorithm: None, subdomain: None };
        assert_eq!(settings(Kind::Cloudflare, none()), json!({"kind": "cloudflare"}));
        let given = Settings { server: Some("ns1.example.org".into()), ..none() };
        assert_eq!(settings(Kind::Rfc2136, given), json!({"kind": "rfc2136", "server": "ns1.example.org"}));
    }
}
