//! Bad input that the checked types refuse on their own, whoever asks: the corpora of
//! `skep_tests::corpus` through every constructor, and what those leave to be said.
//!
//! To add a case: a text to its corpus, or a test named by its number.

mod git;
mod hosts;
mod names;
mod routes;

use serde::{Serialize, de::DeserializeOwned};
use skep::domain::fault::Wrong;
use skep_tests::corpus::Bad;

/// Runs those of `corpus` that belong to `case` through the constructor and through JSON, which
/// is what API bodies and stored rows use.
fn refused<T: DeserializeOwned + std::fmt::Debug>(
    corpus: &[Bad],
    case: u16,
    parse: fn(&str) -> Result<T, Wrong>,
) {
    let mut tried = 0;
    for bad in corpus.iter().filter(|bad| bad.case == case) {
        let wrong = parse(bad.text).expect_err(bad.text);
        assert_eq!(wrong.code, bad.code, "{:?}: {}", bad.text, wrong.message);
        assert!(wrong.message.starts_with("must "), "{:?} has no rule: {}", bad.text, wrong.message);
        // A secret may be part of what was given, so it is never said again.
        assert!(bad.text.len() < 16 || !wrong.message.contains(bad.text), "{:?} is echoed", bad.text);
        let by_json = serde_json::from_value::<T>(bad.text.into());
        // Plain http is judged by whoever knows the instance: see case 40.
        assert!(bad.case == 40 || by_json.is_err(), "{:?} passes as JSON", bad.text);
        tried += 1;
    }
    assert!(tried > 0, "case {case} has no texts");
}

/// These are taken, and read back from JSON as the same.
fn taken<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    parse: fn(&str) -> Result<T, Wrong>,
    texts: &[&str],
) {
    for text in texts {
        let value = parse(text).unwrap_or_else(|wrong| panic!("{text:?}: {wrong}"));
        let json = serde_json::to_value(&value).expect("JSON");
        assert_eq!(serde_json::from_value::<T>(json).expect(text), value);
    }
}
