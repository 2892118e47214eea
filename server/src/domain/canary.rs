//! Whether a new version answers as it should, beside the one that serves: pure, on what the edges
//! counted of both at the same time.

use std::time::Duration;

/// Fewer answers than these say nothing.
const ENOUGH: u64 = 20;
/// Failed answers from which on a canary returns, in percent, if nobody says.
pub const MAX_ERRORS: u8 = 5;
/// So much more often than the old version the new one must fail: what both fail in is not its fault.
const MORE: f64 = 1.5;

/// What the edges counted of one version.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Answers {
    /// Answers.
    pub count: u64,
    /// The part of them that were 500 or above, 0 to 1.
    pub errors: f64,
    /// The time within which 95 of 100 came.
    pub slow: Option<Duration>,
}

/// Why the new version is to be taken back; nothing as long as it answers well enough, or too seldom
/// to say.
#[must_use]
pub fn objection(
    new: &Answers,
    old: &Answers,
    max_errors: u8,
    max_latency: Option<Duration>,
) -> Option<(&'static str, String)> {
    if new.count < ENOUGH {
        return None;
    }
    let percent = new.errors * 100.0;
    if percent >= f64::from(max_errors) && new.errors > old.errors * MORE {
        let old = old.errors * 100.0;
        let message = format!(
            "{percent:.1} of 100 answers of the new version were errors (500 and above), of {} answers; of the old one {old:.1}; at {max_errors} it returns",
            new.count
        );
        return Some(("canary_errors", message));
    }
    match (new.slow, max_latency) {
        (Some(slow), Some(most)) if slow > most => {
            let message = format!(
                "95 of 100 answers of the new version took up to {} ms, of {} answers; above {} ms it returns",
                slow.as_millis(),
                new.count,
                most.as_millis()
            );
            Some(("canary_latency", message))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(count: u64, errors: f64, slow: u64) -> Answers {
        Answers { count, errors, slow: Some(Duration::from_millis(slow)) }
    }

    #[test]
    fn only_what_is_worse_than_before_and_too_much_is_taken_back() {
        let code = |new: &Answers, old: &Answers| {
            objection(new, old, 5, Some(Duration::from_millis(800))).map(|(code, _)| code)
        };
        let good = answers(1000, 0.0, 50);
        assert_eq!(code(&answers(19, 1.0, 9000), &good), None, "too few to say");
        assert_eq!(code(&answers(20, 0.049, 50), &good), None);
        assert_eq!(code(&answers(20, 0.05, 50), &good), Some("canary_errors"));
        assert_eq!(
            code(&answers(500, 0.4, 50), &answers(500, 0.4, 50)),
            None,
            "both fail: it is not the canary"
        );
        assert_eq!(code(&answers(500, 0.7, 50), &answers(500, 0.4, 50)), Some("canary_errors"));
        assert_eq!(code(&answers(500, 0.0, 801), &good), Some("canary_latency"));
        assert_eq!(objection(&answers(500, 0.0, 9000), &good, 5, None), None, "not looked at");
        assert_eq!(code(&Answers { count: 500, ..Answers::default() }, &Answers::default()), None);
    }
}
