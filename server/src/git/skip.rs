//! Words in a commit message that ask for no deployment.

/// Written anywhere in the message, in any case.
const MARKERS: [&str; 5] = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[skip skep]"];

/// Whether the head commit's message asks to be skipped: a marker anywhere, or the trailer
/// `skip-checks: true` in its last paragraph.
#[must_use]
pub fn skips(message: &str) -> bool {
    let text = message.to_lowercase();
    let trailer = |line: &str| {
        line.split_once(':').is_some_and(|(key, value)| key.trim() == "skip-checks" && value.trim() == "true")
    };
    let last_paragraph = text.trim_end().lines().rev().take_while(|line| !line.trim().is_empty());
    MARKERS.iter().any(|marker| text.contains(marker)) || last_paragraph.into_iter().any(trailer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_034_markers_are_found() {
        for message in [
            "Fix typo [skip ci]",
            "[CI SKIP] docs",
            "docs\n\nonly words [no ci]",
            "[skip actions]",
            "x [Skip Skep]",
            "Title\n\nBody\n\nskip-checks: true",
            "Title\n\nskip-checks:true\nCo-authored-by: A <a@b>\n",
        ] {
            assert!(skips(message), "{message}");
        }
        for message in
            ["", "skip ci", "[skip cinema]", "Title\n\nskip-checks: true\n\nmore text", "skip-checks: false"]
        {
            assert!(!skips(message), "{message}");
        }
    }
}
