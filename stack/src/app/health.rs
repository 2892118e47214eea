//! The health check, through our probe.
//!
//! Swarm counts a task as running, and lets the one before it go, at the first success of its
//! health check. So the probe holds that success back until the check has held for
//! `update.monitor`: an app is proven healthy before its predecessor goes, whoever watches.
//!
//! To add a kind of check: a variant of [`Check`], its words for the probe here, and its body in
//! the probe.

use bollard_stubs::models::HealthConfig;

use super::{AppSpec, Check, process, range::Range, update};
use crate::{
    fault::Faults,
    units::{HOUR, MILLISECOND, MINUTE, SECOND},
};

/// Where the probe is mounted.
pub(crate) const PROBE: &str = "/.skep/probe";

pub(crate) const INTERVAL: Range = Range::new(SECOND, HOUR);
pub(crate) const TIMEOUT: Range = Range::new(100 * MILLISECOND, 5 * MINUTE);
pub(crate) const RETRIES: Range = Range::new(1, 100);
pub(crate) const START_PERIOD: Range = Range::new(0, 24 * HOUR);
/// Words of a command that the probe runs.
pub(crate) const WORDS_MAX: usize = 64;
/// What the engine waits beyond the probe's own time, so that a slow start of the probe is no failure.
const MARGIN: i64 = 5 * SECOND;

/// The engine's health check, and whether it needs the probe.
pub(super) fn convert(app: &AppSpec<'_>, faults: &mut Faults) -> (Option<HealthConfig>, bool) {
    let health = app.settings.health.as_ref();
    let given = |read: fn(&super::Health) -> Option<&str>| health.and_then(read);
    let interval = INTERVAL
        .duration("settings.health.interval", given(|h| h.interval.as_deref()), faults)
        .unwrap_or(5 * SECOND);
    let timeout = TIMEOUT
        .duration("settings.health.timeout", given(|h| h.timeout.as_deref()), faults)
        .unwrap_or(3 * SECOND);
    let start = START_PERIOD
        .duration("settings.health.start_period", given(|h| h.start_period.as_deref()), faults)
        .unwrap_or(MINUTE);
    let retries = RETRIES
        .count("settings.health.retries", health.and_then(|h| h.retries).map(i64::from), faults)
        .unwrap_or(3);
    let hold = update::monitor(app.settings, &mut Faults::default());

    let words = ask(app, faults);
    let (test, probed) = match (words, app.probe) {
        (Ask::Probe(words), Some(_)) => (words, true),
        (Ask::Probe(words), None) => match words.first().map(String::as_str) {
            Some("exec") => {
                (std::iter::once("CMD".to_owned()).chain(words.into_iter().skip(1)).collect(), false)
            }
            Some("alive") => (vec!["NONE".to_owned()], false),
            _ => {
                if health.is_some() {
                    faults.add("settings.health", "probe_missing", "needs the probe, which this server was built without: use the check `command` or `image`");
                }
                (vec!["NONE".to_owned()], false)
            }
        },
        (Ask::Nothing, _) => return (None, false),
    };
    let config = if probed {
        held(test, Times { interval, timeout, start, retries, hold })
    } else if test == ["NONE"] {
        HealthConfig { test: Some(test), ..Default::default() }
    } else {
        HealthConfig {
            test: Some(test),
            interval: Some(interval),
            timeout: Some(timeout),
            retries: Some(retries),
            start_period: Some(start),
            start_interval: Some(SECOND),
        }
    };
    (Some(config), probed)
}

/// The times of a check; nanoseconds.
pub(crate) struct Times {
    pub(crate) interval: i64,
    pub(crate) timeout: i64,
    pub(crate) start: i64,
    pub(crate) retries: i64,
    pub(crate) hold: i64,
}

/// The check that runs the probe with these words, timed so that its held first run is neither cut
/// off nor counted as a failure.
pub(crate) fn held(words: Vec<String>, times: Times) -> HealthConfig {
    let Times { interval, timeout, start, retries, hold } = times;
    let options =
        ["CMD", PROBE, "--hold", &millis(hold), "--timeout", &millis(timeout)].map(ToOwned::to_owned);
    // A held run takes the hold and, at its ends, one check each.
    let longest = hold + 2 * timeout;
    HealthConfig {
        test: Some(options.into_iter().chain(words).collect()),
        interval: Some(interval),
        timeout: Some(longest + MARGIN),
        retries: Some(retries),
        start_period: Some(start + longest),
        // Engines from 25 on ask this often until the first success; older ones leave it out.
        start_interval: Some(SECOND),
    }
}

/// What is asked of the container.
enum Ask {
    /// These words follow the probe's options.
    Probe(Vec<String>),
    /// A fault was noted.
    Nothing,
}

fn ask(app: &AppSpec<'_>, faults: &mut Faults) -> Ask {
    let port_at = |path: &str, own: Option<u16>, faults: &mut Faults| {
        let port = own.or(app.settings.port);
        match port {
            Some(0) => faults.add(path, "out_of_range", "must be from 1 to 65535"),
            Some(_) => {}
            None => {
                faults.add(path, "port_missing", "is needed, as the app has no port: set `settings.port`")
            }
        }
        port.filter(|port| *port != 0).map(|port| port.to_string())
    };
    let words = |words: Option<Vec<String>>| words.map_or(Ask::Nothing, Ask::Probe);
    match app.settings.health.as_ref().map(|health| &health.check) {
        Some(Check::Http { path, port }) => {
            let ok =
                path.len() <= 1024 && path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic());
            faults.unless(
                ok,
                "settings.health.path",
                "invalid_path",
                "must start with `/` and have at most 1024 visible ASCII characters, others as `%20`",
            );
            let port = port_at("settings.health.port", *port, faults);
            words(port.filter(|_| ok).map(|port| vec!["http".to_owned(), port, path.clone()]))
        }
        Some(Check::Tcp { port }) => {
            words(port_at("settings.health.port", *port, faults).map(|port| vec!["tcp".to_owned(), port]))
        }
        Some(Check::Command { command }) => {
            match process::words("settings.health.command", Some(command), faults) {
                Some(command) if !command[0].is_empty() => {
                    faults.unless(
                        command.len() <= WORDS_MAX,
                        "settings.health.command",
                        "too_long",
                        "must have at most 64 parts: put the check into a script",
                    );
                    Ask::Probe(exec(command))
                }
                _ => {
                    faults.add(
                        "settings.health.command",
                        "required",
                        "must name a program: `[\"/app\", \"check\"]`",
                    );
                    Ask::Nothing
                }
            }
        }
        Some(Check::Image) => match app.image_health.and_then(image) {
            Some(command) => Ask::Probe(exec(command)),
            None => {
                faults.add(
                    "settings.health.kind",
                    "image_without_health",
                    "cannot be `image`: the image has no HEALTHCHECK; use `http`, `tcp` or `command`",
                );
                Ask::Nothing
            }
        },
        Some(Check::None) => Ask::Probe(vec!["alive".to_owned()]),
        None => Ask::Probe(match (app.image_health.and_then(image), app.settings.port) {
            (Some(command), _) => exec(command),
            (None, Some(port)) if port != 0 => vec!["tcp".to_owned(), port.to_string()],
            _ => vec!["alive".to_owned()],
        }),
    }
}

pub(crate) fn exec(command: Vec<String>) -> Vec<String> {
    std::iter::once("exec".to_owned()).chain(command).collect()
}

/// The command of a `HEALTHCHECK`; none if there is none.
pub(crate) fn image(test: &[String]) -> Option<Vec<String>> {
    let (form, rest) = test.split_first()?;
    match form.as_str() {
        "CMD" if !rest.is_empty() => Some(rest.to_vec()),
        // The shell of the container, never of the host. The engine, too, hands on all words.
        "CMD-SHELL" if !rest.is_empty() => {
            Some(["/bin/sh", "-c"].into_iter().map(str::to_owned).chain(rest.iter().cloned()).collect())
        }
        _ => None,
    }
}

/// The probe reads whole seconds or milliseconds.
pub(crate) fn millis(nanos: i64) -> String {
    if nanos % SECOND == 0 { format!("{}s", nanos / SECOND) } else { format!("{}ms", nanos / MILLISECOND) }
}
