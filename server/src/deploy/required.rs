//! Variables without which an app is not deployed: all that are missing are told at once, before anything
//! is built or started. In the words of a Compose file's `${KEY:?…}`, which stops a deployment alike.

use super::{run::Stop, variables::Resolved};
use crate::domain::{app::App, step::Step};

/// Checks that each is set, and not empty.
///
/// # Errors
/// `variable_required`, naming every one that is not.
pub(super) fn check(step: Step, app: &App, variables: &Resolved) -> Result<(), Stop> {
    let missing: Vec<String> =
        missing(&app.settings.required, |key| variables.env.get(key).map(String::as_str));
    if missing.is_empty() {
        return Ok(());
    }
    Err(Stop::failed(step, "variable_required", format!("settings.required: {}", missing.join("; "))))
}

fn missing<'v>(required: &[String], value: impl Fn(&str) -> Option<&'v str>) -> Vec<String> {
    let wrong = |key: &String| {
        let why = match value(key) {
            None => "it is not set",
            Some("") => "it is empty",
            Some(_) => return None,
        };
        Some(format!("needs the variable `{key}`: {why}"))
    };
    required.iter().filter_map(wrong).collect()
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn all_that_are_missing_or_empty_are_told_at_once() {
        let required = ["A", "B", "C"].map(str::to_owned);
        let told = missing(&required, |key| match key {
            "A" => Some("set"),
            "B" => Some(""),
            _ => None,
        });
        assert_eq!(told, ["needs the variable `B`: it is empty", "needs the variable `C`: it is not set"]);
    }
}
