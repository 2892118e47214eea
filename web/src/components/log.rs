//! Log lines in a box that scrolls. Islands add to the list `#log`.

use leptos::prelude::*;

use crate::api::{AppLogLine, LogLine};

/// A deployment's log.
#[component]
pub fn DeploymentLog(
    /// The lines.
    lines: Vec<LogLine>,
) -> impl IntoView {
    let lines: Vec<_> = lines.into_iter().map(|line| row(line.at.clock(), line.text, false)).collect();
    frame(lines)
}

/// What a running app said.
#[component]
pub fn AppLogLines(
    /// The lines.
    lines: Vec<AppLogLine>,
) -> impl IntoView {
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let at = line.at.map(|at| at.clock()).unwrap_or_default();
            row(format!("{at} {}", line.replica), line.text, line.stderr)
        })
        .collect();
    frame(lines)
}

fn frame(lines: Vec<impl IntoView + 'static>) -> impl IntoView {
    view! {
        <div class="log" tabindex="0" role="log" aria-label="Log lines" aria-live="off">
            <ol id="log">{lines}</ol>
        </div>
    }
}

fn row(mark: String, text: String, stderr: bool) -> impl IntoView {
    view! {
        <li class=stderr.then_some("stderr")>
            <small>{mark}</small>
            <span>{text}</span>
        </li>
    }
}

/// Lines without times, as part of a failure.
#[component]
pub fn LogTail(
    /// The lines.
    lines: Vec<String>,
) -> impl IntoView {
    view! {
        <pre class="log-tail" tabindex="0" aria-label="Last log lines">
            {lines.join("\n")}
        </pre>
    }
}
