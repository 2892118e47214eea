//! Variables to the container's environment. To add a variable that Skep sets by itself: here,
//! and only where the user gave none of that name.

use super::AppSpec;
use crate::{fault::Faults, text};

/// All variables together, bytes: the kernel and the swarm's store both have their limits.
const TOTAL_MAX: usize = 1024 * 1024;
/// Names of variables that an app can require.
const REQUIRED_MAX: usize = 500;

/// The names of required variables; whether they are set is for the deployment to say.
pub(super) fn check_required(names: &[String], faults: &mut Faults) {
    faults.unless(names.len() <= REQUIRED_MAX, "settings.required", "too_many", "must be at most 500");
    for (i, name) in names.iter().enumerate().take(REQUIRED_MAX) {
        faults.unless(
            text::env_key(name),
            format!("settings.required[{i}]"),
            "invalid_key",
            "must be the name of a variable: letters, digits and `_`, not starting with a digit",
        );
    }
}

/// `KEY=value`, sorted by key; `PORT` is added.
pub(super) fn convert(app: &AppSpec<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let mut total = 0;
    let mut all = app.env.clone();
    if let Some(port) = app.settings.port {
        all.entry("PORT".to_owned()).or_insert_with(|| port.to_string());
    }
    for (key, value) in &all {
        total += key.len() + value.len() + 2;
        let path = format!("variables.{}", key.escape_debug().take(80).collect::<String>());
        faults.unless(
            text::env_key(key),
            path.as_str(),
            "invalid_key",
            "must be letters, digits and `_`, not starting with a digit, at most 255 characters",
        );
        faults.unless(!value.contains('\0'), path.as_str(), "invalid_value", "must not hold a NUL character");
        faults.unless(
            key.len() + value.len() + 2 <= text::ARGUMENT_MAX,
            path.as_str(),
            "too_long",
            "must be shorter than 128 KiB, which is what Linux takes: mount a file instead",
        );
    }
    faults.unless(
        total <= TOTAL_MAX,
        "variables",
        "too_long",
        "all variables together must be at most 1 MiB: mount files instead",
    );
    let list: Vec<String> = all.iter().map(|(key, value)| format!("{key}={}", verbatim(value))).collect();
    (!list.is_empty()).then_some(list)
}

/// The engine reads variables as templates (Go's text/template) when a task starts: what opens one
/// is written as a template of itself, so that every value arrives byte for byte.
fn verbatim(value: &str) -> String {
    value.replace("{{", "{{\"{{\"}}")
}

#[cfg(test)]
mod tests {
    use super::verbatim;

    #[test]
    fn case_101_what_looks_like_a_template_arrives_as_it_is() {
        assert_eq!(verbatim("a {{.Node.Hostname}} b"), "a {{\"{{\"}}.Node.Hostname}} b");
        assert_eq!(verbatim("{{{ }} ${{x}}"), "{{\"{{\"}}{ }} ${{\"{{\"}}x}}");
        assert_eq!(verbatim("plain { } }}"), "plain { } }}");
    }
}
