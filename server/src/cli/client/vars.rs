//! `skep vars`. Values are sent, and shown to who has the right to see them.

use std::{io::Read as _, path::PathBuf};

use serde_json::{Value, json};

use super::{
    api::Api,
    ask, dotenv,
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
    Import {
        #[command(flatten)]
        whose: Whose,
        file: PathBuf,
        /// They are no secrets: not masked in logs
        #[arg(long)]
        plain: bool,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { whose, how } => {
            let all = api.list(&whose.address(api).await?).await?;
            show::list(&all, how, COLUMNS);
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
        Verb::Import { whose, file, plain } => {
            let pairs = dotenv::parse(&read(&file)?)
                .map_err(|wrong| Failure::NotDone(format!("{}: {wrong}", file.display())))?;
            if pairs.is_empty() {
                return Err(Failure::NotDone(format!("{}: there is no variable in it", file.display())));
            }
            set(&whose, &pairs, plain, api).await?;
        }
    }
    Ok(())
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
