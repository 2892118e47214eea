//! Log lines in a box that scrolls. Islands add to the list `#log`.

use leptos::prelude::*;

use crate::api::{AppLogLine, LogLine};

/// A deployment's log.
#[component]
pub fn DeploymentLog(
    /// The lines.
    lines: Vec<LogLine>,
) -> AnyView {
    let lines: Vec<_> = lines.into_iter().map(|line| row(line.at.clock(), line.text, false)).collect();
    frame(lines)
}

/// What a running app said.
#[component]
pub fn AppLogLines(
    /// The lines.
    lines: Vec<AppLogLine>,
) -> AnyView {
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let at = line.at.map(|at| at.clock()).unwrap_or_default();
            row(format!("{at} {}", line.replica), line.text, line.stderr)
        })
        .collect();
    frame(lines)
}

fn frame(lines: Vec<impl IntoView + 'static>) -> AnyView {
    view! {
        <div class="log" tabindex="0" role="log" aria-label="Log lines" aria-live="off">
            <ol id="log">{lines}</ol>
        </div>
    }
    .into_any()
}

fn row(mark: String, text: String, stderr: bool) -> AnyView {
    view! {
        <li class=stderr.then_some("stderr")>
            <small>{mark}</small>
            <span>{text}</span>
        </li>
    }
    .into_any()
}

/// Lines without times, as part of a failure.
#[component]
pub fn LogTail(
    /// The lines.
    lines: Vec<String>,
) -> AnyView {
    view! {
        <pre class="log-tail" tabindex="0" aria-label="Last log lines">
            {lines.join("\n")}
        </pre>
    }
    .into_any()
}
