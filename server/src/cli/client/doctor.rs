//! `skep doctor`: what is well, what is not, and what to do.
//!
//! To add a check: a function that gives [`Line`]s, and its call in [`look`].

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::{
    api::Api,
    config,
    fault::Failure,
    show::{self, Colour, cell},
};
use crate::cli::{DONE, NOT_DONE, UNREACHABLE, say};

/// Look whether everything is well, and say what to do where it is not
///
/// Exit code 0 if nothing failed, 1 if something did, 3 if the server cannot be asked.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The server's data folder, if this is the server's machine: its disk is looked at, too
    #[arg(long, env = "SKEP_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    Ok,
    Warn,
    Fail,
}

/// One finding.
#[derive(Debug, Serialize)]
struct Line {
    check: String,
    mark: Mark,
    text: String,
}

fn line(check: &str, mark: Mark, text: impl Into<String>) -> Line {
    Line { check: check.to_owned(), mark, text: show::plain(&text.into()) }
}

pub(super) async fn run(args: Args) -> Result<u8, Failure> {
    let known = config::known()?;
    let signed_in = known.token.is_some();
    let api = Api::new(known.server, known.token)?;
    let mut lines = Vec::new();
    let unreachable = match reach(&api, signed_in).await {
        Ok(found) => {
            lines.extend(found);
            look(&api, &mut lines).await;
            false
        }
        Err(failure) => {
            lines.push(line("server", Mark::Fail, failure.to_string()));
            true
        }
    };
    if let Some(data) = &args.data {
        lines.push(disk(data));
    }
    if args.json {
        show::json(&serde_json::to_value(&lines).unwrap_or_default());
    } else {
        for Line { check, mark, text } in &lines {
            let mark = match mark {
                Mark::Ok => show::in_colour("ok  ", Colour::Good),
                Mark::Warn => show::in_colour("warn", Colour::Busy),
                Mark::Fail => show::in_colour("FAIL", Colour::Bad),
            };
            say(format_args!("{mark}  {check}: {text}"));
        }
    }
    Ok(match lines.iter().any(|line| line.mark == Mark::Fail) {
        _ if unreachable => UNREACHABLE,
        true => NOT_DONE,
        false => DONE,
    })
}

/// Whether it answers, and knows us.
async fn reach(api: &Api, signed_in: bool) -> Result<[Line; 2], Failure> {
    api.send(api.request(reqwest::Method::GET, "/ready")?.timeout(std::time::Duration::from_secs(10)))
        .await?;
    let server = line("server", Mark::Ok, format!("{} is ready", api.server()));
    if !signed_in {
        return Err(Failure::Unreachable(format!(
            "{} is ready, but nobody is signed in: run `skep login`",
            api.server()
        )));
    }
    let who = api.get("/whoami").await?;
    Ok([server, line("account", Mark::Ok, format!("signed in as {}", cell(&who, "email")))])
}

async fn look(api: &Api, lines: &mut Vec<Line>) {
    match api.get("/engine").await {
        Ok(engine) => lines.extend(of_engine(&engine)),
        Err(failure) => lines.push(line("engine", Mark::Fail, failure.to_string())),
    }
    match api.list("/nodes").await {
        Ok(nodes) => lines.extend(nodes.iter().map(of_node)),
        Err(failure) => lines.push(line("nodes", Mark::Fail, format!("not known: {failure}"))),
    }
    match api.get("/settings").await {
        Ok(settings) => match settings.get("certificate").filter(|certificate| !certificate.is_null()) {
            Some(certificate) => lines.push(of_certificate(certificate)),
            None => lines.push(line(
                "certificate",
                Mark::Warn,
                "the dashboard has none: `skep config set domain FQDN`, then `skep ssl enable --email ADDRESS`",
            )),
        },
        Err(failure) => lines.push(line("settings", Mark::Fail, failure.to_string())),
    }
    match of_apps(api).await {
        Ok(found) => lines.extend(found),
        Err(failure) => lines.push(line("certificates", Mark::Fail, format!("not known: {failure}"))),
    }
}

fn of_engine(engine: &Value) -> Vec<Line> {
    if cell(engine, "state") != "known" {
        let text = format!(
            "not known: {}; see that Docker runs on the server and that Skep may use its socket (DOCKER_HOST)",
            cell(engine, "reason")
        );
        return vec![line("engine", Mark::Fail, text)];
    }
    let yes = |key: &str| engine.get(key).and_then(Value::as_bool) == Some(true);
    let version = format!("version {}, API {}", cell(engine, "version"), cell(engine, "api"));
    vec![
        line("engine", Mark::Ok, version),
        if yes("manager") {
            line("swarm", Mark::Ok, "the engine is a manager")
        } else {
            line("swarm", Mark::Fail, "the engine is no manager: run `docker swarm init` on the server")
        },
        of_kernel(yes("ipvs"), engine.get("nodes").and_then(Value::as_u64).unwrap_or(1)),
    ]
}

fn of_kernel(ipvs: bool, nodes: u64) -> Line {
    match (ipvs, nodes) {
        (true, 0 | 1) => {
            line("ipvs", Mark::Ok, "the kernel has it: a new service gets an address of its own")
        }
        (true, _) => line(
            "ipvs",
            Mark::Ok,
            "the kernel of the server's node has it; those of the others are not known, so a new service is \
             reached by its tasks' addresses unless it asks for one of its own",
        ),
        (false, _) => line(
            "ipvs",
            Mark::Warn,
            "the kernel has none: apps are reached by their tasks' addresses, and ingress ports do not work; \
             `modprobe ip_vs` may help",
        ),
    }
}

fn of_node(node: &Value) -> Line {
    let (state, availability) = (cell(node, "state"), cell(node, "availability"));
    let text = format!("{}, {state}, {availability}", cell(node, "role"));
    let check = format!("node {}", cell(node, "hostname"));
    match (state.as_str(), availability.as_str()) {
        ("ready", "active") => line(&check, Mark::Ok, text),
        ("ready", _) => line(&check, Mark::Warn, format!("{text}: it takes no new tasks")),
        _ => line(&check, Mark::Fail, format!("{text}: see that its engine runs and the others reach it")),
    }
}

fn of_certificate(certificate: &Value) -> Line {
    let check = format!("certificate {}", cell(certificate, "host"));
    let moment = |key: &str| show::moment(&cell(certificate, key)).unwrap_or_else(|| "-".to_owned());
    let (until, reason) = (moment("not_after"), cell(certificate, "reason"));
    match cell(certificate, "state").as_str() {
        "issued" => line(&check, Mark::Ok, format!("valid until {until}")),
        "failed" => line(&check, Mark::Fail, format!("{reason}; next try at {}", moment("next_try_at"))),
        "pending" if reason == "-" => line(&check, Mark::Warn, "on its way"),
        _ => line(&check, Mark::Warn, format!("not yet: {reason}; next look at {}", moment("next_try_at"))),
    }
}

async fn of_apps(api: &Api) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    for app in api.list("/apps").await? {
        let certificates = api.list(&format!("/apps/{}/certificates", cell(&app, "id"))).await?;
        lines.extend(certificates.iter().map(of_certificate));
    }
    Ok(lines)
}

/// Of the data folder, where it is on this machine.
fn disk(data: &Path) -> Line {
    match rustix::fs::statvfs(data) {
        Ok(found) => free(
            data,
            found.f_bavail.saturating_mul(found.f_frsize),
            found.f_blocks.saturating_mul(found.f_frsize),
        ),
        Err(error) => line("disk", Mark::Fail, format!("{} cannot be looked at: {error}", data.display())),
    }
}

fn free(data: &Path, free: u64, whole: u64) -> Line {
    let gib = free >> 30;
    let text = format!("{gib} GiB free at {}", data.display());
    let way_out = "remove what is not needed, or `docker system prune` on the node";
    match free {
        _ if gib < 1 => line("disk", Mark::Fail, format!("{text}: {way_out}")),
        free if free < whole / 10 => {
            line("disk", Mark::Warn, format!("{text}, less than a tenth: {way_out}"))
        }
        _ => line("disk", Mark::Ok, text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_no_success() {
        let lines = of_engine(&json!({"state": "unknown", "reason": "no socket"}));
        assert!(lines.iter().all(|line| line.mark == Mark::Fail && line.text.contains("no socket")));
        assert_eq!(of_node(&json!({"state": "unknown", "availability": "active"})).mark, Mark::Fail);
        assert_eq!(of_node(&json!({"state": "ready", "availability": "drain"})).mark, Mark::Warn);
        assert_eq!(of_certificate(&json!({"state": "pending"})).mark, Mark::Warn);
        assert_eq!(disk(Path::new("/no such folder")).mark, Mark::Fail);
    }

    #[test]
    fn a_full_disk_is_told() {
        let marks = [0, 5, 50].map(|gib| free(Path::new("/"), gib << 30, 100 << 30).mark);
        assert_eq!(marks, [Mark::Fail, Mark::Warn, Mark::Ok]);
    }
}
