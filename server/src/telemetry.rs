//! Logs: one line for each thing that a person would want to know afterwards, to standard error.
//!
//! `SKEP_LOG` filters (`info`, `skep=debug,sqlx=warn`), `SKEP_LOG_FORMAT` is `text` or `json`
//! (the default is text in a terminal, JSON elsewhere). `RUST_LOG` counts where `SKEP_LOG` is not
//! set. Secrets are never in a field, and the clients that would print what they send are held at
//! [`QUIET`], whatever the filter says.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What is logged if nobody says otherwise.
const DEFAULT: &str = "info,sqlx=warn,hyper=warn,h2=warn,bollard=warn,rustls=warn";

/// At `debug` these print bodies and headers: variables of apps, tokens, keys.
const QUIET: [&str; 9] = [
    "bollard=info",
    "h2=info",
    "hyper=info",
    "hyper_util=info",
    "instant_acme=info",
    "redis=info",
    "reqwest=info",
    "rustls=info",
    "tonic=info",
];

/// Begins to log. A second call changes nothing.
///
/// # Errors
/// The filter or the format is not understood; nothing is logged then.
pub fn start(filter: Option<&str>, format: Option<&str>) -> Result<(), String> {
    let filter = made(filter)?;
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

/// The filter as it is wanted, but for [`QUIET`].
fn made(wanted: Option<&str>) -> Result<EnvFilter, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("SKEP_LOG: {error}; an example is `info,skep=debug`");
    let Some(wanted) = wanted.filter(|wanted| !wanted.trim().is_empty()) else {
        return EnvFilter::try_new(DEFAULT).map_err(|error| wrong(&error));
    };
    // What names one of them more closely (`bollard::docker=trace`) is left out, what names it is
    // replaced: only a louder word is taken away.
    let kept: Vec<&str> = wanted.split(',').map(str::trim).filter(|part| !loud(part)).collect();
    let mut filter = EnvFilter::try_new(kept.join(",")).map_err(|error| wrong(&error))?;
    for directive in QUIET {
        let name = directive.split('=').next().unwrap_or_default();
        let named = kept.iter().any(|part| names(part, name));
        if !named {
            filter = filter.add_directive(directive.parse().map_err(|error| wrong(&error))?);
        }
    }
    Ok(filter)
}

/// Whether a part of a filter is about this crate.
fn names(part: &str, name: &str) -> bool {
    let target = part.split(['=', '[']).next().unwrap_or_default().trim();
    target == name || target.strip_prefix(name).is_some_and(|rest| rest.starts_with("::"))
}

/// Whether a part would make one of [`QUIET`] louder than it may be.
fn loud(part: &str) -> bool {
    let level = part.rsplit_once('=').map_or("trace", |(_, level)| level.trim());
    let still = ["off", "error", "warn", "info", "0", "1", "2", "3"];
    let quiet = QUIET.iter().filter_map(|directive| directive.split('=').next());
    !still.contains(&level.to_ascii_lowercase().as_str()) && quiet.into_iter().any(|name| names(part, name))
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is logged under this filter when every kind of client speaks at every level.
    fn logged(filter: &str) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        let registry = tracing_subscriber::registry().with(made(Some(filter)).unwrap()).with(layer);
        tracing::subscriber::with_default(registry, || {
            tracing::debug!(target: "skep::deploy", "ours");
            tracing::debug!(target: "bollard::docker", "body of bollard");
            tracing::trace!(target: "bollard", "body of bollard");
            tracing::debug!(target: "hyper_util::client", "body of hyper");
            tracing::trace!(target: "h2::codec", "body of h2");
            tracing::debug!(target: "reqwest::connect", "body of reqwest");
            tracing::warn!(target: "bollard::docker", "a warning");
        });
        let text = kept.0.lock().unwrap().clone();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn no_filter_makes_a_client_print_what_it_sends() {
        for filter in [
            "debug",
            "trace",
            "trace,bollard=trace",
            "debug,bollard::docker=debug",
            "trace,h2,hyper_util=5",
            "TRACE",
        ] {
            let text = logged(filter);
            assert!(text.contains("ours") && text.contains("a warning"), "{filter}: {text}");
            assert!(!text.contains("body"), "{filter}: {text}");
        }
    }

    #[test]
    fn a_client_may_be_made_quieter_and_a_wrong_filter_is_told() {
        assert!(!logged("debug,bollard=error").contains("a warning"));
        assert!(made(Some("skep=loud")).unwrap_err().contains("SKEP_LOG"));
        assert!(made(Some("  ")).is_ok() && made(None).is_ok());
    }
}
