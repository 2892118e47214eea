//! `skep own-certificates` and `skep ca`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The certificates that the team brought along
    List(ListArgs),
    /// Bring a certificate along, for all hosts of the team that it names
    Upload {
        /// The chain, PEM: the host's own certificate first
        chain: PathBuf,
        /// The private key, PEM (PKCS#8, without a password)
        key: PathBuf,
    },
    /// Remove one; its hosts get certificates of an authority again
    Delete {
        /// A name in it
        host: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

fn names(own: &Value) -> Vec<&str> {
    own["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn read(path: &PathBuf) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::NotDone(format!("{} cannot be read: {error}", path.display())))
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let mut all = api.list("/own-certificates").await?;
            if !how.json {
                for own in &mut all {
                    own["names"] = names(own).join(", ").into();
                }
            }
            show::list(&all, how, &[("HOSTS", "names"), ("ISSUER", "issuer"), ("UNTIL", "not_after")]);
        }
        Verb::Upload { chain, key } => {
            let body = json!({"chain": read(&chain)?, "key": read(&key)?});
            let taken = api.post("/own-certificates", &body).await?;
            say(format_args!(
                "{} are served with it until {}",
                names(&taken).join(", "),
                cell(&taken, "not_after")
            ));
            for warning in taken["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                say(format_args!("but {warning}"));
            }
        }
        Verb::Delete { host, yes } => {
            let all = api.list("/own-certificates").await?;
            let found: Vec<_> = all.iter().filter(|own| names(own).contains(&host.as_str())).collect();
            let [own] = found.as_slice() else {
                let rule = format!("{} certificates name {host}: name a host of exactly one", found.len());
                return Err(Failure::NotDone(rule));
            };
            ask::sure(yes, &host)?;
            api.delete(&format!("/own-certificates/{}", cell(own, "id"))).await?;
            say(format_args!("removed the certificate of {}", names(own).join(", ")));
        }
    }
    Ok(())
}

/// Prints the certificate of the instance's own authority.
pub(super) async fn authority(api: &Api) -> Result<(), Failure> {
    let found = api.get("/internal-authority").await?;
    let Some(certificate) = found["certificate"].as_str() else {
        let rule = "there is no internal authority yet: the first private domain makes it";
        return Err(Failure::NotDone(rule.to_owned()));
    };
    say(format_args!("{}", certificate.trim_end()));
    Ok(())
}
