//! Logs: one line for each thing that a person would want to know afterwards, to standard error.
//!
//! `SKEP_LOG` filters (`info`, `skep=debug,sqlx=warn`), `SKEP_LOG_FORMAT` is `text` or `json`
//! (the default is text in a terminal, JSON elsewhere). Secrets are never in a field.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What is logged if nobody says otherwise.
const DEFAULT: &str = "info,sqlx=warn,hyper=warn,h2=warn,bollard=warn,rustls=warn";

/// Begins to log. A second call changes nothing.
///
/// # Errors
/// The filter or the format is not understood; nothing is logged then.
pub fn start(filter: Option<&str>, format: Option<&str>) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter.filter(|f| !f.is_empty()).unwrap_or(DEFAULT))
        .map_err(|error| format!("SKEP_LOG: {error}; an example is `info,skep=debug`"))?;
    let terminal = std::io::stderr().is_terminal();
    let json = match format.filter(|f| !f.is_empty()) {
        None => !terminal,
        Some("json") => true,
        Some("text") => false,
        Some(_) => return Err("SKEP_LOG_FORMAT: must be `text` or `json`".to_owned()),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let begun = if json {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
    } else {
        registry
            .with(fmt::layer().with_ansi(terminal).with_target(false).with_writer(std::io::stderr))
            .try_init()
    };
    // Only a test begins twice.
    let _ = begun;
    Ok(())
}
