//! What runs in the container and as whom: command, user, folder, signals, labels.

use std::collections::HashMap;

use bollard_stubs::models::TaskSpecContainerSpec;

use super::{AppSpec, range::Range};
use crate::{
    fault::Faults,
    labels,
    text::{self, ARGUMENT_MAX},
    units::{HOUR, MINUTE, SECOND},
};

pub(crate) const STOP_GRACE: Range = Range::new(SECOND, HOUR);
/// How long a task is held before it stops.
pub(crate) const DRAIN: Range = Range::new(0, 10 * MINUTE);
/// Arguments of one command.
const ARGUMENTS_MAX: usize = 1024;

/// Everything of the container but its image, environment, health and mounts.
pub(super) fn convert(app: &AppSpec<'_>, faults: &mut Faults) -> TaskSpecContainerSpec {
    let set = app.settings;
    if let Some(signal) = &set.stop_signal {
        faults.unless(
            text::signal(signal),
            "settings.stop_signal",
            "invalid_signal",
            "must be a signal by name or number: `SIGTERM`, `SIGQUIT`, `15`",
        );
    }
    DRAIN.duration("settings.drain", set.drain.as_deref(), faults);
    if let Some(user) = &set.user {
        faults.unless(
            text::user(user),
            "settings.user",
            "invalid_user",
            "must be a name or number, and a group after a colon: `app`, `1000:1000`",
        );
    }
    if let Some(dir) = &set.workdir {
        faults.unless(
            dir == "/" || text::target(dir),
            "settings.workdir",
            "invalid_path",
            "must be an absolute path without `..`: `/app`",
        );
    }
    TaskSpecContainerSpec {
        command: words("settings.entrypoint", set.entrypoint.as_deref(), faults),
        args: words("settings.command", set.command.as_deref(), faults),
        labels: Some(container_labels(app, faults)),
        init: Some(set.init.unwrap_or(true)),
        user: set.user.clone(),
        dir: set.workdir.clone(),
        read_only: set.read_only.then_some(true),
        stop_signal: set.stop_signal.clone(),
        stop_grace_period: Some(
            STOP_GRACE
                .duration("settings.stop_grace", set.stop_grace.as_deref(), faults)
                .unwrap_or(10 * SECOND),
        ),
        ..Default::default()
    }
}

/// Checks a command; none if there is none.
pub(super) fn words(path: &str, words: Option<&[String]>, faults: &mut Faults) -> Option<Vec<String>> {
    let words = words?;
    faults.unless(words.len() <= ARGUMENTS_MAX, path, "too_long", "must have at most 1024 parts");
    for (i, word) in words.iter().enumerate().take(ARGUMENTS_MAX) {
        let path = format!("{path}[{i}]");
        faults.unless(!word.contains('\0'), path.as_str(), "invalid_value", "must not hold a NUL character");
        faults.unless(word.len() < ARGUMENT_MAX, path.as_str(), "too_long", "must be shorter than 128 KiB");
    }
    (!words.is_empty()).then(|| words.to_vec())
}

fn container_labels(app: &AppSpec<'_>, faults: &mut Faults) -> HashMap<String, String> {
    let mut all = labels::owned(app.stack, app.app);
    for (key, value) in &app.settings.labels {
        let path = format!("settings.labels.{}", key.escape_debug().take(80).collect::<String>());
        let key_ok =
            (1..=255).contains(&key.len()) && !key.chars().any(|c| c.is_control() || c.is_whitespace());
        faults.unless(key_ok, path.as_str(), "invalid_label", "must be 1 to 255 characters without blanks");
        faults.unless(
            !value.contains('\0') && value.len() <= 64 * 1024,
            path.as_str(),
            "invalid_value",
            "must be at most 64 KiB, without a NUL character",
        );
        if labels::reserved(key) {
            faults.add(
                path,
                "label_reserved",
                "is reserved: routes are made under Domains; `com.docker.` and `dev.skep.` are Docker's and Skep's own",
            );
        } else {
            all.insert(key.clone(), value.clone());
        }
    }
    all
}
