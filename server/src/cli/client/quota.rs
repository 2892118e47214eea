//! `skep teams quota` and `skep teams set-quota`.

use serde_json::{Value, json};
use skep_stack::units;

use super::{
    api::Api,
    fault::Failure,
    show::{self, ListArgs, cell},
    teams,
};
use crate::{
    cli::say,
    domain::quota::{bytes, cores},
};

/// The figures that can be set, each as people write it.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(in crate::cli) struct Limits {
    /// Apps
    #[arg(long, value_name = "NUMBER|none")]
    apps: Option<String>,
    /// Builds at once; more wait for their turn
    #[arg(long, value_name = "NUMBER|none")]
    builds: Option<String>,
    /// Processors of all tasks together, as `2` or `0.5`
    #[arg(long, value_name = "CPUS|none")]
    cpus: Option<String>,
    /// Memory of all tasks together, as `512m` or `8g`
    #[arg(long, value_name = "SIZE|none")]
    memory: Option<String>,
    /// What all volumes may hold, as `100g`
    #[arg(long, value_name = "SIZE|none")]
    storage: Option<String>,
}

impl Limits {
    /// What was given, over what is set now.
    fn over(&self, now: &Value) -> Result<Value, Failure> {
        let whole = |text: &str| text.parse().ok();
        let mut limits = now.clone();
        for (option, key, text, read) in [
            ("apps", "apps", &self.apps, &whole as &dyn Fn(&str) -> Option<i64>),
            ("builds", "builds", &self.builds, &whole),
            ("cpus", "nano_cpus", &self.cpus, &units::cpus),
            ("memory", "memory", &self.memory, &units::size),
            ("storage", "storage", &self.storage, &units::size),
        ] {
            limits[key] = match text.as_deref() {
                None => continue,
                Some("none") => Value::Null,
                Some(text) => {
                    let wrong = || {
                        Failure::NotDone(format!(
                            "--{option}: `{text}` is no figure; give one as `skep teams set-quota --help` shows, or `none`"
                        ))
                    };
                    read(text).ok_or_else(wrong)?.into()
                }
            };
        }
        Ok(limits)
    }
}

pub(super) async fn show(api: &Api, team: Option<&str>, how: ListArgs) -> Result<(), Failure> {
    let id = match team {
        Some(name) => teams::id(api, name).await?,
        None => match api.get("/team").await?["team"]["id"].as_str() {
            Some(id) => id.to_owned(),
            None => return Err(Failure::NotDone("this token is for no team; name one".to_owned())),
        },
    };
    let quota = api.get(&format!("/teams/{id}/quota")).await?;
    if how.json {
        show::json(&quota);
        return Ok(());
    }
    print(&quota, how);
    Ok(())
}

pub(super) async fn set(api: &Api, team: &str, limits: &Limits) -> Result<(), Failure> {
    let path = format!("/teams/{}/quota", teams::id(api, team).await?);
    let now = api.get(&path).await?;
    let quota = api.put(&path, &limits.over(&now["quota"])?).await?;
    print(&quota, ListArgs { json: false });
    for over in quota["over"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        say(format_args!("{team} uses more {over} than that: it goes on, and nothing is added to it"));
    }
    Ok(())
}

fn print(view: &Value, how: ListArgs) {
    let figure = |value: &Value, show: fn(i64) -> String, none: &str| {
        value.as_i64().map_or_else(|| none.to_owned(), show)
    };
    let rows: Vec<Value> = [
        ("apps", "apps", (|n| n.to_string()) as fn(i64) -> String),
        ("builds at once", "builds", |n| n.to_string()),
        ("processors", "nano_cpus", cores),
        ("memory", "memory", bytes),
        ("storage", "storage", bytes),
    ]
    .into_iter()
    .map(|(name, key, show)| {
        let over = view["over"].as_array().is_some_and(|all| all.iter().any(|one| one == key));
        json!({
            "what": name,
            "used": figure(&view["used"][key], show, "not measured"),
            "quota": figure(&view["quota"][key], show, "no bound"),
            "note": if over { "over" } else { "" },
        })
    })
    .collect();
    show::list(&rows, how, &[("", "what"), ("USED", "used"), ("QUOTA", "quota"), ("", "note")]);
    if view["used"]["storage"].is_i64() {
        let nodes = view["measured_nodes"].as_array().map_or(0, Vec::len);
        say(format_args!(
            "storage was measured on {nodes} node(s), {}",
            cell(&view["used"], "storage_measured_at")
        ));
    }
}
