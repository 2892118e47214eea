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
    show::{cell, plain},
};
use crate::{
    cli::{DONE, NOT_DONE, say, say_error},
    domain::deployment::State,
};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(300);
/// A server that restarts is waited for this long: it may be what is deployed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows it; gives the exit code.
pub(super) async fn run(id: &str, api: &Api) -> Result<u8, Failure> {
    let mut screen = Screen::new();
    let mut seen = Seen::default();
    let mut lost: Option<Instant> = None;
    loop {
        match look(id, &mut seen, &mut screen, api).await {
            Ok(Some(ended)) => {
                screen.clear();
                return Ok(tell_end(&ended));
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
    for step in steps.get("items").and_then(Value::as_array).into_iter().flatten() {
        seen.step(cell(step, "step"), cell(step, "state"), screen);
    }
    let state = cell(&deployment, "state");
    let cancelling = deployment.get("cancelling").and_then(Value::as_bool) == Some(true);
    screen.status(if cancelling { "cancelling" } else { &state });
    Ok(ended.then_some(deployment))
}

impl Seen {
    fn step(&mut self, step: String, state: String, screen: &mut Screen) {
        match self.steps.iter_mut().find(|(name, _)| *name == step) {
            Some((_, before)) if *before == state => return,
            Some((_, before)) => before.clone_from(&state),
            None => {
                self.steps.push((step.clone(), state.clone()));
                // Nothing has happened to it yet.
                if state == "waiting" {
                    return;
                }
            }
        }
        screen.line(&format!("{step:<7} * {state}"));
    }
}

/// Says how it ended.
fn tell_end(deployment: &Value) -> u8 {
    let (number, state) = (cell(deployment, "number"), cell(deployment, "state"));
    let code = code(&state);
    if code == DONE {
        say(format_args!("deployment {number} is live"));
        return code;
    }
    let why = match deployment.get("failure").filter(|failure| !failure.is_null()) {
        Some(failure) => format!(" at {}: {}", cell(failure, "step"), cell(failure, "message")),
        None => String::new(),
    };
    say_error(format_args!("deployment {number} is {}{why}", state.replace('_', " ")));
    code
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
            let text: String = plain(text).chars().take(60).collect();
            let _ = write!(out, "\r\x1b[K{text}, {} s", self.since.elapsed().as_secs());
            let _ = out.flush();
        } else if self.status != text {
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
