//! `skep vars`. Values are sent, and shown to who has the right to see them.

use std::{
    io::{IsTerminal as _, Read as _},
    path::PathBuf,
};

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    place::{AppName, EnvironmentName, project},
    show::{self, ListArgs, cell},
};
use crate::cli::say;

/// A file is read up to here.
const MOST: u64 = 4 << 20;

/// Whose variables.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Whose {
    /// Of this app
    #[arg(long, short)]
    app: Option<AppName>,
    /// Of all apps of this environment
    #[arg(long, short, value_name = "PROJECT/ENVIRONMENT")]
    environment: Option<EnvironmentName>,
    /// Of all apps of this project
    #[arg(long, short)]
    project: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The names, never the values
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Set variables; they count from the next deployment on
    ///
    /// `skep vars set --app web MODE=fast` or, unseen by others, `skep vars set --app web PASSWORD`:
    /// a value that is not given is asked for, or read from standard input.
    Set {
        #[command(flatten)]
        whose: Whose,
        #[arg(required = true, value_name = "KEY[=VALUE]")]
        pairs: Vec<String>,
        /// They are no secrets: not masked in logs
        #[arg(long)]
        plain: bool,
    },
    /// Show a value, for who has the right to; each look is in the audit log
    Reveal {
        #[command(flatten)]
        whose: Whose,
        key: String,
    },
    /// Older versions, without their values
    Versions {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Give a variable an older value again: `skep vars restore --app web DATABASE_URL 3`
    Restore {
        #[command(flatten)]
        whose: Whose,
        key: String,
        version: i64,
    },
    /// Take variables away
    Unset {
        #[command(flatten)]
        whose: Whose,
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Set all variables of a .env file; `-` is standard input
    ///
    /// On a terminal what would change is shown first, and asked for.
    Import {
        #[command(flatten)]
        whose: Whose,
        file: PathBuf,
        /// They are no secrets: not masked in logs
        #[arg(long)]
        plain: bool,
        /// Take away the variables that the file does not have
        #[arg(long)]
        replace: bool,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Say how an app's containers get a variable: in the environment, or as a file in /run/secrets
    ///
    /// `skep vars deliver --app web DB_PASSWORD --file`, for some services of a Compose app with
    /// `--service`. The file is a Swarm secret; `DB_PASSWORD_FILE` names it in the environment.
    Deliver {
        #[arg(long, short)]
        app: AppName,
        key: String,
        #[command(flatten)]
        way: Way,
        /// Only to this service of a Compose app; may be given again
        #[arg(long, requires = "file")]
        service: Vec<String>,
        /// Whose the file is: UID or UID:GID
        #[arg(long, requires = "file")]
        owner: Option<String>,
    },
    /// The variables that an app requires, and which of them are missing
    Required {
        #[arg(long, short)]
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
}

/// In one of two ways.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Way {
    /// As a file; its name, if it is not the variable's
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    file: Option<String>,
    /// In the environment
    #[arg(long)]
    env: bool,
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { whose, how } => {
            let all = api.list(&whose.address(api).await?).await?;
            let mut columns = COLUMNS.to_vec();
            columns.insert(2, ("DELIVERED", "delivery.kind"));
            show::list(&all, how, &columns);
        }
        Verb::Set { whose, pairs, plain } => {
            let pairs: Result<Vec<_>, Failure> = pairs.iter().map(|pair| split(pair)).collect();
            set(&whose, &pairs?, plain, api).await?;
        }
        Verb::Reveal { whose, key } => {
            let address = format!("{}/{}/reveal", whose.address(api).await?, safe(&key));
            say(api.post(&address, &json!({})).await?["value"].as_str().unwrap_or_default());
        }
        Verb::Versions { whose, how } => {
            let address = whose.address(api).await?.replace("/variables", "/variable-versions");
            show::list(&api.list(&address).await?, how, COLUMNS);
        }
        Verb::Restore { whose, key, version } => {
            let address = format!("{}/{}/restore", whose.address(api).await?, safe(&key));
            api.post(&address, &json!({"version": version})).await?;
            say(format_args!("{key} has the value of version {version} again, from the next deployment on"));
        }
        Verb::Unset { whose, keys } => {
            let address = whose.address(api).await?;
            for key in keys {
                api.delete(&format!("{address}/{}", safe(&key))).await?;
                say(format_args!("took {key} away"));
            }
        }
        Verb::Import { whose, file, plain, replace, dry_run, yes } => {
            let asks = !yes && !dry_run && std::io::stdin().is_terminal();
            let mut body = json!({"text": read(&file)?, "secret": !plain, "replace": replace});
            import(&whose, &mut body, dry_run, asks, api).await?;
        }
        Verb::Deliver { app, key, way, service, owner } => {
            let address = format!("{}/variables/{}/delivery", app.address(api).await?, safe(&key));
            let body = match way.file {
                Some(name) => {
                    let name = Some(name).filter(|name| !name.is_empty());
                    json!({"kind": "file", "name": name, "services": service, "owner": owner})
                }
                None => json!({"kind": "environment"}),
            };
            api.put(&address, &body).await?;
            let how = if body["kind"] == "file" { "as a file" } else { "in the environment" };
            say(format_args!("{key} is delivered {how} from the next deployment on"));
        }
        Verb::Required { app, how } => {
            let address = format!("{}/required-variables", app.address(api).await?);
            show::list(&api.list(&address).await?, how, &[("KEY", "key"), ("STATE", "state")]);
        }
    }
    Ok(())
}

/// Shows what the import does, asks if it is to, and does exactly that.
async fn import(
    whose: &Whose,
    body: &mut Value,
    dry_run: bool,
    asks: bool,
    api: &Api,
) -> Result<(), Failure> {
    let address = whose.address(api).await?.replace("/variables", "/variable-imports");
    if dry_run || asks {
        body["dry_run"] = json!(true);
        let outcome = api.post(&address, body).await?;
        let changes = tell(&outcome);
        if dry_run || !changes {
            if !changes {
                say("nothing would change");
            }
            return Ok(());
        }
        ask::agreed("Write these?")?;
        (body["dry_run"], body["state"]) = (json!(false), outcome["state"].clone());
        api.post(&address, body).await?;
    } else if !tell(&api.post(&address, body).await?) {
        say("nothing changed");
        return Ok(());
    }
    say("they count from the next deployment on");
    Ok(())
}

/// The names by what becomes of them; whether anything does.
fn tell(outcome: &Value) -> bool {
    let mut changes = false;
    for (field, sign) in [("added", "+"), ("changed", "~"), ("removed", "-"), ("unchanged", "=")] {
        for key in outcome[field].as_array().into_iter().flatten().filter_map(Value::as_str) {
            changes |= field != "unchanged";
            say(format_args!("{sign} {key} {field}"));
        }
    }
    changes
}

impl Whose {
    async fn address(&self, api: &Api) -> Result<String, Failure> {
        let of = match (&self.app, &self.environment, &self.project) {
            (Some(app), _, _) => app.address(api).await?,
            (_, Some(environment), _) => format!("/environments/{}", environment.id(api).await?),
            (_, _, Some(name)) => format!("/projects/{}", cell(&project(api, name).await?, "id")),
            _ => return Err(Failure::Usage("say whose: --app, --environment or --project".into())),
        };
        Ok(format!("{of}/variables"))
    }
}

/// What lists show.
const COLUMNS: &[(&str, &str)] = &[
    ("KEY", "key"),
    ("SECRET", "secret"),
    ("VERSION", "version"),
    ("CHANGED", "updated_at"),
    ("BY", "changed_by"),
];

/// A name as part of an address.
fn safe(key: &str) -> String {
    url::form_urlencoded::byte_serialize(key.as_bytes()).collect()
}

fn split(pair: &str) -> Result<(String, String), Failure> {
    match pair.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Ok((pair.to_owned(), ask::secret(pair)?.expose().to_owned())),
    }
}

async fn set(whose: &Whose, pairs: &[(String, String)], plain: bool, api: &Api) -> Result<(), Failure> {
    let one = |(key, value): &(String, String)| json!({"key": key, "value": value, "secret": !plain});
    let variables: Vec<Value> = pairs.iter().map(one).collect();
    api.patch(&whose.address(api).await?, &json!({"variables": variables})).await?;
    let keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
    say(format_args!("set {}; they count from the next deployment on", keys.join(", ")));
    Ok(())
}

fn read(file: &std::path::Path) -> Result<String, Failure> {
    let wrong =
        |error: std::io::Error| Failure::NotDone(format!("{} cannot be read: {error}", file.display()));
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text).map_err(wrong)?;
    } else {
        std::fs::File::open(file).map_err(wrong)?.take(MOST).read_to_string(&mut text).map_err(wrong)?;
    }
    Ok(text)
}
