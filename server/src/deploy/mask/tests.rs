//! What is hidden, what is left, and how long it takes.

use std::time::Instant;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use proptest::prelude::*;

use super::*;

fn mask(values: &[&str]) -> Mask {
    Mask::new(&values.iter().map(|value| Secret::new(*value)).collect::<Vec<_>>())
}

#[test]
fn case_147_secrets_are_masked_in_every_spelling() {
    let masked = mask(&["pa$$ word/1", "x"]);
    for text in [
        "pa$$ word/1",
        "cGEkJCB3b3JkLzE",
        "pa%24%24+word%2F1",
        "pa%24%24%20word%2F1",
        "pa%24%24%20word%2f1",
        "pa%24%24%20word/1",
        "pa$$%20word/1",
        "pa$$ word\\/1",
        "pa\\$\\$ word/1",
        "pa\\$\\$\\ word/1",
        "7061242420776f72642f31",
        "7061242420776F72642F31",
    ] {
        assert_eq!(masked.apply(&format!("<{text}>")), format!("<{MASK}>"), "{text}");
    }
    assert_eq!(masked.apply("x marks"), "x marks");
    assert_eq!(Mask::default().apply("x marks"), "x marks");
}

#[test]
fn case_147_secrets_are_masked_within_a_longer_base64() {
    let masked = mask(&["hunter2-hunter2"]);
    for user in ["", "a", "ab", "abc", "someone"] {
        for tail in ["", "!", "??", "???"] {
            let plain = format!("{user}:hunter2-hunter2{tail}");
            for coded in [STANDARD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain)] {
                let line = format!("Authorization: Basic {coded}");
                let shown = masked.apply(&line);
                assert!(shown.contains(MASK), "{line}");
                // Nothing of what is left decodes to a part of it.
                let left: String = shown.replace(MASK, " ");
                let words = left.split(' ').filter(|word| word.len() >= 4);
                assert!(
                    words.clone().all(|word| !coded.contains(word) || !plain_of(word).contains("hun")),
                    "{left}"
                );
                let encoded = STANDARD_NO_PAD.encode("hunter2-hunter2");
                assert!(!shown.contains(&encoded[..6]), "{shown}");
            }
        }
    }
}

fn plain_of(word: &str) -> String {
    (0..word.len())
        .find_map(|cut| STANDARD_NO_PAD.decode(&word[..word.len() - cut]).ok())
        .map_or_else(String::new, |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[test]
fn case_147_secrets_are_masked_in_json_and_for_a_shell() {
    let masked = mask(&["a\"b\\c<é>\n'next line'"]);
    for text in [
        r#"a\"b\\c<é>\n'next line'"#,
        r#"a\"b\\c<\u00e9>\n'next line'"#,
        r#"a\"b\\c\u003cé\u003e\n'next line'"#,
        r#"a\"b\\c\u003C\u00E9\u003E\n'next line'"#,
    ] {
        assert_eq!(
            masked.apply(&format!("{{\"key\":\"{text}\"}}")),
            format!("{{\"key\":\"{MASK}\"}}"),
            "{text}"
        );
    }
    let masked = mask(&["it's $HOME"]);
    for text in ["it'\\''s $HOME", "it'\"'\"'s $HOME", "it's \\$HOME", "it\\'s\\ \\$HOME", "it\\'s $HOME"] {
        assert_eq!(masked.apply(&format!("+ echo '{text}'")), format!("+ echo '{MASK}'"), "{text}");
    }
}

#[test]
fn lines_of_a_value_are_masked_one_by_one() {
    let masked = mask(&["-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nab\r\n-----END KEY-----\n"]);
    assert_eq!(masked.apply("MIIEvQIBADANBg"), MASK);
    assert_eq!(masked.apply("key: -----BEGIN KEY-----"), format!("key: {MASK}"));
    assert_eq!(masked.apply("ab"), "ab", "too short to hide");
}

#[test]
fn what_two_secrets_share_is_hidden_whole() {
    assert_eq!(mask(&["abcd", "bcdefgh"]).apply("<abcdefgh>"), format!("<{MASK}>"));
    assert_eq!(mask(&["abcd", "xabcdx"]).apply("xabcdx abcd"), format!("{MASK} {MASK}"));
}

#[test]
fn very_much_is_masked_at_least_as_it_is() {
    let values: Vec<String> = (0..500).map(|i| format!("{i:03}!").repeat(300)).collect();
    let texts: Vec<&str> = values.iter().map(String::as_str).collect();
    let masked = mask(&texts);
    assert!(texts.iter().all(|text| masked.apply(text) == MASK));
}

proptest! {
    #[test]
    fn no_value_is_seen_in_any_spelling(value in "[ -~é]{8,24}", before in "[ -~]{0,5}", after in "[ -~]{0,5}") {
        let masked = mask(&[&value]);
        let all = format!("{before}{value}{after}");
        for coded in [STANDARD.encode(&all), URL_SAFE.encode(&all)] {
            let shown = masked.apply(&coded);
            prop_assert!(shown.contains(MASK), "{coded}");
            // At most the characters that hold bits of the neighbours alone, and the padding.
            let left = shown.chars().filter(|c| *c != '•').count();
            prop_assert!(left <= (before.len() + after.len()) * 4 / 3 + 5, "{coded} {shown}");
        }
        prop_assert!(!masked.apply(&all).contains(&value));
        prop_assert!(masked.apply(&hex::encode(&all)).contains(MASK));
        prop_assert!(masked.apply(&serde_json::Value::from(all.as_str()).to_string()).contains(MASK));
    }

    #[test]
    fn no_line_panics_and_what_is_no_secret_stays(line in "\\PC{0,80}") {
        prop_assert_eq!(mask(&["hunter2-hunter2"]).apply(&line), line);
    }
}

/// 100 secrets, 100,000 lines of 120 bytes, each tenth with a secret in it.
#[test]
#[ignore = "a measurement: run it in release, by its name"]
fn masks_are_fast() {
    let values: Vec<Secret> =
        (0..100).map(|i| Secret::new(format!("s3cret-{i:03}/{}", "x$Y ".repeat(5)))).collect();
    let begun = Instant::now();
    let mask = Mask::new(&values);
    let made = begun.elapsed();
    let lines: Vec<String> = (0..100_000)
        .map(|i| {
            let secret = if i % 10 == 0 { values[i % 100].expose() } else { "" };
            format!("#12 {i:06} {secret} compiling crate number {i} of the workspace {}", ".".repeat(60))
        })
        .collect();
    let begun = Instant::now();
    let hidden = lines.iter().filter(|line| mask.apply(line).contains(MASK)).count();
    let applied = begun.elapsed();
    assert_eq!(hidden, 10_000);
    println!("made in {made:?}; 100,000 lines in {applied:?}");
    assert!(applied.as_secs() < 10, "{applied:?}");
}
