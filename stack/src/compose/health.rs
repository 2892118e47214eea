//! The health check of a service.
//!
//! To carry a key: its name in [`KNOWN`], its reading in [`convert`].

use bollard_stubs::models::HealthConfig;

use super::{
    convert::Build,
    read::{At, Fields},
    yaml::Value,
};
use crate::fault::Faults;

const KNOWN: [&str; 7] =
    ["test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"];

/// The engine's health check, as it is written.
pub(super) fn convert(service: &Fields<'_>, build: &mut Build<'_>) -> Option<HealthConfig> {
    let faults = &mut build.faults;
    let fields = service.get("healthcheck")?.fields(&KNOWN, faults);
    let disabled = fields.get("disable").filter(|at| at.bool(faults) == Some(true));
    let duration = |key: &str, faults: &mut Faults| fields.get(key).and_then(|at| at.duration(faults));
    let config = HealthConfig {
        test: fields.get("test").map(|at| test(at, faults)).filter(|words| !words.is_empty()),
        interval: duration("interval", faults),
        timeout: duration("timeout", faults),
        retries: fields.get("retries").and_then(|at| at.count(faults)),
        start_period: duration("start_period", faults),
        start_interval: duration("start_interval", faults),
    };
    let Some(at) = disabled else { return Some(config) };
    if config.test.is_some() {
        at.fault("invalid_choice", "does not go with a `test`", faults);
    }
    Some(HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() })
}

/// `CMD-SHELL` and a text, or the list as it is.
fn test(at: &At<'_>, faults: &mut Faults) -> Vec<String> {
    match &at.node.value {
        Value::Text(text) => vec!["CMD-SHELL".to_owned(), text.clone()],
        _ => at.texts(faults),
    }
}
