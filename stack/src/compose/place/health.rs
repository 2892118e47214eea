//! The health check of a service, through our probe, as for an app (see `app::health`).

use bollard_stubs::models::{HealthConfig, ServiceSpec};

use super::{Place, Service, bounds, inner};
use crate::{
    app::health::{self, Times},
    fault::Faults,
    units::{MINUTE, SECOND},
};

/// Sets the check, and says whether it needs the probe. Without a check in the file the image's
/// own is asked, and without that only that the process lives. A job has none: it ends.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, job: bool, place: &mut Place<'_>) -> bool {
    let update = body.update_config.as_ref();
    let hold = update.and_then(|update| update.monitor).filter(|nanos| *nanos != 0).unwrap_or(5 * SECOND);
    let written = inner(body).health_check.take().unwrap_or_default();
    if job {
        return false;
    }
    let own = written.test.as_deref();
    if let Some(test) = own {
        form(service, test, place);
    }
    bounds(service, &written, &mut place.faults);
    let command = match own {
        Some(test) => health::image(test),
        None => place.input.image_health.get(service.name).and_then(|test| health::image(test)),
    };
    // Commands may be slow; our own checks are not.
    let usual = if own.is_some_and(|test| test != ["NONE"]) { 30 * SECOND } else { 3 * SECOND };
    let filled = |value: Option<i64>, usual: i64| value.filter(|value| *value != 0).unwrap_or(usual);
    let times = Times {
        interval: filled(written.interval, 5 * SECOND),
        timeout: filled(written.timeout, usual),
        start: written.start_period.unwrap_or(MINUTE),
        retries: filled(written.retries, 3),
        hold,
    };
    let start_interval = Some(filled(written.start_interval, SECOND));
    let (check, probed) = match (command, place.input.probe) {
        (Some(command), Some(_)) => (health::held(health::exec(command), times), true),
        (None, Some(_)) => (health::held(vec!["alive".to_owned()], times), true),
        (Some(command), None) => {
            let check = HealthConfig {
                test: Some(std::iter::once("CMD".to_owned()).chain(command).collect()),
                interval: Some(times.interval),
                timeout: Some(times.timeout),
                retries: Some(times.retries),
                start_period: Some(times.start),
                start_interval: None,
            };
            (check, false)
        }
        (None, None) => return false,
    };
    inner(body).health_check = Some(HealthConfig { start_interval, ..check });
    probed
}

/// `CMD-SHELL` and a text, `CMD` and words, or `NONE`.
fn form(service: &Service<'_>, test: &[String], place: &mut Place<'_>) {
    let fine = match test.first().map(String::as_str) {
        Some("NONE") => test.len() == 1,
        Some("CMD" | "CMD-SHELL") => (2..=health::WORDS_MAX + 1).contains(&test.len()),
        _ => false,
    };
    if test.len() > 2 && test[0] == "CMD-SHELL" {
        let rule =
            "gives the shell more than one text, of which only the first is run: write one text, or `CMD`";
        service.fault(&["healthcheck", "test"], "shell_words", rule, &mut place.notes);
    }
    if !fine {
        let rule =
            "must be a text, or a list of at most 64 words that begins with `CMD`, `CMD-SHELL` or `NONE`";
        service.fault(&["healthcheck", "test"], "invalid_test", rule, &mut place.faults);
    }
}

fn bounds(service: &Service<'_>, written: &HealthConfig, faults: &mut Faults) {
    for (key, value, range) in [
        ("interval", written.interval, health::INTERVAL),
        ("timeout", written.timeout, health::TIMEOUT),
        ("start_period", written.start_period, health::START_PERIOD),
        ("start_interval", written.start_interval, health::TIMEOUT),
    ] {
        bounds::within(service, &["healthcheck", key], value, range, faults);
    }
    if written.retries.is_some_and(|retries| !health::RETRIES.holds(retries)) {
        let rule = format!("must be from {} to {}", health::RETRIES.least, health::RETRIES.most);
        service.fault(&["healthcheck", "retries"], "out_of_range", rule, faults);
    }
}
