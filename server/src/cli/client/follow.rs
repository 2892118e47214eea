//! Shows a deployment until it ended, and says by the exit code how it ended.
//!
//! In a terminal the last line tells what is going on; elsewhere each change is a line.

use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    api::Api,
    fault::Failure,
    show::{self, Colour, cell, plain},
};
use crate::{
    cli::{DONE, INTERRUPTED, NOT_DONE, say, say_error},
    domain::deployment::State,
};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(300);
/// A server that restarts is waited for this long: it may be what is deployed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows it; gives the exit code.
pub(super) async fn run(id: &str, api: &Api) -> Result<u8, Failure> {
    tokio::select! {
        ended = watch(id, api) => ended,
        Ok(()) = tokio::signal::ctrl_c() => {
            Screen::new().clear();
            say_error(format_args!(
                "not watched any more; the deployment goes on. Look: `skep deployments show {id}`, stop it: `skep deployments cancel {id}`"
            ));
            Ok(INTERRUPTED)
        }
    }
}

async fn watch(id: &str, api: &Api) -> Result<u8, Failure> {
    let mut screen = Screen::new();
    let mut seen = Seen::default();
    let mut lost: Option<Instant> = None;
    loop {
        match look(id, &mut seen, &mut screen, api).await {
            Ok(Some(ended)) => {
                screen.clear();
                return Ok(tell_end(&ended, api).await);
            }
            Ok(None) => lost = None,
            Err(failure) if failure.passing() => {
                if lost.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                    screen.clear();
                    return Err(Failure::Unreachable(format!(
                        "{failure}; the deployment goes on without being watched: `skep deployments show {id}`"
                    )));
                }
                screen.status(&format!("waiting for the server: {failure}"));
            }
            Err(failure) => {
                screen.clear();
                return Err(failure);
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What was shown already.
#[derive(Default)]
struct Seen {
    line: i64,
    steps: Vec<(String, String)>,
    /// Ends of steps, told after the lines that were written before them.
    told_next: Vec<String>,
}

/// One look: what is new is shown. Gives the deployment once it ended and its log is read.
async fn look(id: &str, seen: &mut Seen, screen: &mut Screen, api: &Api) -> Result<Option<Value>, Failure> {
    // First whether it ended, then the log: what was written before the end is then read.
    let deployment = api.get(&format!("/deployments/{id}")).await?;
    let ended = deployment.get("ended").and_then(Value::as_bool) == Some(true);
    let steps = api.get(&format!("/deployments/{id}/steps")).await?;
    loop {
        let page = api.get(&format!("/deployments/{id}/log?limit=1000&after={}", seen.line)).await?;
        for line in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            seen.line = line.get("seq").and_then(Value::as_i64).unwrap_or(0).max(seen.line);
            let text = plain(line.get("line").and_then(Value::as_str).unwrap_or_default());
            screen.line(&format!("{:<7} | {text}", cell(line, "step")));
        }
        if page.get("next").is_none_or(Value::is_null) {
            break;
        }
    }
    for step in std::mem::take(&mut seen.told_next) {
        screen.line(&step);
    }
    for step in steps.get("items").and_then(Value::as_array).into_iter().flatten() {
        seen.step(cell(step, "step"), cell(step, "state"));
    }
    if ended {
        seen.told_next.iter().for_each(|step| screen.line(step));
        return Ok(Some(deployment));
    }
    let state = cell(&deployment, "state");
    let cancelling = deployment.get("cancelling").and_then(Value::as_bool) == Some(true);
    screen.status(if cancelling { "cancelling" } else { &state });
    Ok(None)
}

impl Seen {
    /// Notes how a step stands; only its end is told, as its lines tell that it runs.
    fn step(&mut self, step: String, state: String) {
        let before = self.steps.iter_mut().find(|(name, _)| *name == step);
        if before.as_ref().is_some_and(|(_, before)| *before == state) {
            return;
        }
        let colour = match state.as_str() {
            "done" => Some(Colour::Good),
            "failed" => Some(Colour::Bad),
            "skipped" => Some(Colour::None),
            _ => None,
        };
        if let Some(colour) = colour {
            self.told_next.push(format!("{step:<7} * {}", show::in_colour(&state, colour)));
        }
        match before {
            Some((_, before)) => *before = state,
            None => self.steps.push((step, state)),
        }
    }
}

/// Says how it ended: where it answers, or why not and what it wrote last.
async fn tell_end(deployment: &Value, api: &Api) -> u8 {
    let (number, state) = (cell(deployment, "number"), cell(deployment, "state"));
    let code = code(&state);
    if code == DONE {
        let live = show::in_colour("live", Colour::Good);
        say(format_args!("deployment {number} is {live}{}", addresses(deployment, api).await));
        return code;
    }
    let failure = deployment.get("failure").filter(|failure| !failure.is_null());
    let why = match failure {
        Some(failure) => format!(" in {}: {}", cell(failure, "step"), cell(failure, "message")),
        None => String::new(),
    };
    let ended = match state.as_str() {
        "failed" => "failed".to_owned(),
        "rolled_back" => "was rolled back, the version before it serves; it failed".to_owned(),
        other => format!("was {}", other.replace('_', " ")),
    };
    say_error(format_args!("deployment {number} {ended}{why}"));
    let lines = failure.and_then(|failure| failure.get("log_tail")).and_then(Value::as_array);
    for line in lines.into_iter().flatten().filter_map(Value::as_str) {
        say_error_line(&plain(line));
    }
    code
}

/// A line that the failed task wrote.
fn say_error_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "  | {line}");
}

/// Where the app answers, if it has domains and the server tells them.
async fn addresses(deployment: &Value, api: &Api) -> String {
    let found = api.list(&format!("/apps/{}/domains", cell(deployment, "app"))).await.unwrap_or_default();
    let of = |domain: &Value| {
        let issued = cell(domain, "certificate.not_after") != "-";
        let scheme = if cell(domain, "https") == "yes" && issued { "https" } else { "http" };
        format!("{scheme}://{}{}", cell(domain, "host"), cell(domain, "path"))
    };
    let all: Vec<String> = found.iter().map(of).collect();
    if all.is_empty() { String::new() } else { format!(": {}", all.join(" ")) }
}

/// 0 only for what became live. What is retired by now was live before.
fn code(state: &str) -> u8 {
    match State::named(state) {
        Some(State::Live | State::Retired) => DONE,
        _ => NOT_DONE,
    }
}

/// Standard output, with a last line that changes if it is a terminal.
struct Screen {
    terminal: bool,
    since: Instant,
    status: String,
}

impl Screen {
    fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), since: Instant::now(), status: String::new() }
    }

    fn line(&mut self, text: &str) {
        self.clear();
        say(text);
    }

    fn status(&mut self, text: &str) {
        if self.terminal {
            let mut out = std::io::stdout();
            let text = show::cut(&plain(text), show::width().unwrap_or(80).saturating_sub(12));
            let _ = write!(out, "\r\x1b[K{text}, {} s", self.since.elapsed().as_secs());
            let _ = out.flush();
        } else if self.status != text
            && State::named(text).is_none_or(|state| matches!(state, State::AwaitingApproval | State::Queued))
        {
            // The steps tell the other states.
            say(text);
        }
        text.clone_into(&mut self.status);
    }

    fn clear(&mut self) {
        if self.terminal {
            let mut out = std::io::stdout();
            let _ = write!(out, "\r\x1b[K");
            let _ = out.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_became_live_is_a_success() {
        for state in State::ALL {
            let good = matches!(state, State::Live | State::Retired);
            assert_eq!(code(state.name()), u8::from(!good), "{}", state.name());
        }
        assert_eq!(code("what a later server may say"), NOT_DONE);
    }
}
