//! `skep directories`: where certificates come from. A key for accounts (EAB) comes from a prompt or
//! standard input, and is never shown.

use serde_json::{Map, Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    place::EnvironmentName,
    show::{self, ListArgs, cell},
};
use crate::{cli::say, domain::secret::Secret};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The directories beside that of the settings, in their order
    List(ListArgs),
    /// Enter a directory
    ///
    /// `skep directories add zerossl --backup --external-key KID`: its HMAC key is asked for
    Add {
        /// `production`, `staging`, `zerossl`, `google`, or an https address
        address: String,
        /// What people call it; the authority's name if absent
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Change what a directory is asked for, and when; what is absent stays
    Change {
        name: String,
        /// Its place in the list: 1 is the first after that of the settings
        #[arg(long)]
        position: Option<i64>,
        /// It takes no other's place any more
        #[arg(long, conflicts_with = "backup")]
        no_backup: bool,
        #[command(flatten)]
        how: How,
    },
    /// Have an environment's certificates from one directory alone
    Choose {
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        environment: EnvironmentName,
        /// Its name or address; absent: as the instance's
        directory: Option<String>,
    },
    /// Remove a directory that nothing has chosen
    Remove {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What a directory is asked for.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct How {
    /// It takes the place of one that is in trouble
    #[arg(long)]
    backup: bool,
    /// The id of the key that the authority gave for accounts (EAB); the key is asked for
    #[arg(long, value_name = "ID")]
    external_key: Option<String>,
    /// Which kind of certificate, of those that the directory lists: `classic`, `tlsserver`, `shortlived`
    #[arg(long)]
    profile: Option<String>,
    /// Of hosts: `ecdsa-p256` or `ecdsa-p384`
    #[arg(long)]
    key_type: Option<String>,
    /// What it bears, as five numbers: orders in 3 hours, certificates of a domain and of a host in 7
    /// days, failed validations in an hour, orders at once: `300,50,5,5,20`
    #[arg(long, value_parser = limits)]
    limits: Option<Value>,
}

fn limits(text: &str) -> Result<Value, String> {
    let numbers: Result<Vec<u32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
    match numbers.as_deref() {
        Ok([orders, domain, same, failures, at_once]) => Ok(json!({
            "orders": orders, "domain": domain, "same": same, "failures": failures, "at_once": at_once,
        })),
        _ => Err("give five numbers: `300,50,5,5,20`".to_owned()),
    }
}

impl How {
    fn body(self) -> Result<Map<String, Value>, Failure> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        if self.backup {
            put("backup", json!(true));
        }
        for (name, value) in [("profile", self.profile), ("key_type", self.key_type)] {
            if let Some(value) = value {
                put(name, json!(value));
            }
        }
        if let Some(limits) = self.limits {
            put("limits", limits);
        }
        if let Some(id) = self.external_key {
            put("external_key", json!(id));
            put("hmac", json!(Secret::expose(&ask::secret("HMAC key")?)));
        }
        Ok(body)
    }
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let columns = [
                ("NAME", "name"),
                ("ADDRESS", "address"),
                ("BACKUP", "backup"),
                ("PROFILE", "profile"),
                ("KEYS", "key_type"),
                ("ACCOUNT", "external_key"),
            ];
            show::list(&api.list("/directories").await?, how, &columns);
        }
        Verb::Add { address, name, how } => {
            let mut body = how.body()?;
            body.insert("address".to_owned(), json!(address));
            body.extend(name.map(|name| ("name".to_owned(), json!(name))));
            let made = api.post("/directories", &body.into()).await?;
            say(format_args!("entered {} ({})", cell(&made, "name"), cell(&made, "address")));
        }
        Verb::Change { name, position, no_backup, how } => {
            let id = find(api, &name).await?;
            let mut body = how.body()?;
            body.extend(position.map(|position| ("position".to_owned(), json!(position))));
            if no_backup {
                body.insert("backup".to_owned(), json!(false));
            }
            api.patch(&format!("/directories/{id}"), &body.into()).await?;
            say(format_args!("changed {name}; it counts from the next order on"));
        }
        Verb::Choose { environment, directory } => {
            let id = environment.id(api).await?;
            let made =
                api.put(&format!("/environments/{id}/directory"), &json!({"directory": directory})).await?;
            match cell(&made, "directory").as_str() {
                "-" => {
                    say(format_args!("{environment} has its certificates from where the instance has them"))
                }
                chosen => say(format_args!("{environment} has its certificates from {chosen}")),
            }
        }
        Verb::Remove { name, yes } => {
            let id = find(api, &name).await?;
            ask::sure(yes, &name)?;
            api.delete(&format!("/directories/{id}")).await?;
            say(format_args!("removed {name}"));
        }
    }
    Ok(())
}

/// The id of a directory, by its name or address.
async fn find(api: &Api, name: &str) -> Result<String, Failure> {
    let all = api.list("/directories").await?;
    let found = all.iter().find(|one| cell(one, "name") == name || cell(one, "address") == name);
    found.map(|one| cell(one, "id")).ok_or_else(|| {
        Failure::NotDone(format!(
            "there is no directory `{name}`; `skep directories list` tells which there are"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_five_numbers() {
        assert_eq!(limits("300, 50,5,5,20").unwrap()["domain"], 50);
        assert!(limits("300,50").is_err() && limits("a,b,c,d,e").is_err());
    }
}
