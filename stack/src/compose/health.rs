//! The health check of a service, through our probe, as for an app (see `app::health`).

use bollard_stubs::models::HealthConfig;

use super::{
    Build,
    deploy::bounded,
    read::{At, Fields},
    yaml::Value,
};
use crate::{
    app::health::{self, Times},
    units::{MINUTE, SECOND},
};

/// The engine's health check, and whether it needs the probe. Without a check in the file the
/// image's own is asked, and without that only that the process lives.
pub(super) fn convert(
    name: &str,
    service: &Fields<'_>,
    hold: i64,
    build: &mut Build<'_>,
) -> (Option<HealthConfig>, bool) {
    let known = ["test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"];
    let fields = service.get("healthcheck").map(|at| at.fields(&known, &mut build.faults));
    let get = |key: &str| fields.as_ref().and_then(|fields| fields.get(key).cloned());
    let disabled = get("disable").and_then(|at| at.bool(&mut build.faults)) == Some(true);
    let own = get("test").map(|at| test(&at, build));
    if let (true, Some(at)) = (disabled && own.is_some(), get("disable")) {
        at.fault("invalid_choice", "does not go with a `test`", &mut build.faults);
    }
    let mut times = Times { interval: 5 * SECOND, timeout: 3 * SECOND, start: MINUTE, retries: 3, hold };
    let command = match own {
        _ if disabled => None,
        Some(test) => {
            // Commands may be slow; our own checks are not.
            times.timeout = 30 * SECOND;
            health::image(&test)
        }
        None => build.input.image_health.get(name).and_then(|test| health::image(test)),
    };
    let faults = &mut build.faults;
    for (key, bounds, field) in [
        ("interval", health::INTERVAL, &mut times.interval),
        ("timeout", health::TIMEOUT, &mut times.timeout),
        ("start_period", health::START_PERIOD, &mut times.start),
    ] {
        if let Some(nanos) = get(key).and_then(|at| bounded(&at, bounds, faults)) {
            *field = nanos;
        }
    }
    if let Some(at) = get("start_interval") {
        at.duration(faults);
    }
    if let Some(at) = get("retries")
        && let Some(retries) = at.int(faults)
    {
        if !health::RETRIES.holds(retries) {
            at.fault(
                "out_of_range",
                format!("must be from {} to {}", health::RETRIES.least, health::RETRIES.most),
                faults,
            );
        }
        times.retries = retries;
    }
    match (command, build.input.probe) {
        (Some(command), Some(_)) => (Some(health::held(health::exec(command), times)), true),
        (None, Some(_)) => (Some(health::held(vec!["alive".to_owned()], times)), true),
        (Some(command), None) => {
            let config = HealthConfig {
                test: Some(std::iter::once("CMD".to_owned()).chain(command).collect()),
                interval: Some(times.interval),
                timeout: Some(times.timeout),
                retries: Some(times.retries),
                start_period: Some(times.start),
                start_interval: Some(SECOND),
            };
            (Some(config), false)
        }
        (None, None) => (None, false),
    }
}

/// `CMD-SHELL` and a text, or the list as it is.
fn test(at: &At<'_>, build: &mut Build<'_>) -> Vec<String> {
    let list = match &at.node.value {
        Value::Text(text) => vec!["CMD-SHELL".to_owned(), text.clone()],
        _ => at.texts(&mut build.faults),
    };
    let form = list.first().map(String::as_str);
    let fine = match form {
        Some("NONE") => list.len() == 1,
        Some("CMD") => (2..=health::WORDS_MAX + 1).contains(&list.len()),
        Some("CMD-SHELL") => list.len() == 2,
        _ => false,
    };
    if !fine {
        at.fault(
            "invalid_test",
            "must be a text, or a list of at most 64 words that begins with `CMD`, `CMD-SHELL` or `NONE`",
            &mut build.faults,
        );
    }
    list
}
