//! Globs that users give: which paths of a push matter, and which tags.
//!
//! `*` and `?` stay within one part of a path, `**` goes through all. A glob that ends in `/`
//! means everything below; one that starts with `!` takes paths out again.

use globset::{GlobBuilder, GlobMatcher};

use crate::domain::fault::Wrong;

/// A checked glob.
struct Pattern {
    matcher: GlobMatcher,
    out: bool,
}

fn pattern(text: &str) -> Result<Pattern, Wrong> {
    let wrong = || {
        Wrong::coded(
            "invalid_glob",
            "must be a glob like `src/**` or `*.md`, relative to the repository's top",
        )
    };
    let (text, out) = text.strip_prefix('!').map_or((text, false), |rest| (rest, true));
    let text = text.strip_prefix("./").unwrap_or(text);
    if text.is_empty() || text.len() > 512 || text.starts_with('/') || text.chars().any(char::is_control) {
        return Err(wrong());
    }
    let whole = if text.ends_with('/') { format!("{text}**") } else { text.to_owned() };
    let glob = GlobBuilder::new(&whole).literal_separator(true).backslash_escape(true).build();
    Ok(Pattern { matcher: glob.map_err(|_| wrong())?.compile_matcher(), out })
}

/// Checks a glob before it is saved.
///
/// # Errors
/// `invalid_glob`.
pub fn check(text: &str) -> Result<(), Wrong> {
    pattern(text).map(|_| ())
}

/// Whether one of `paths` is wanted by `globs`. No globs: every push is. A glob that cannot be
/// read counts as wanting everything, for a deployment too many is better than one too few.
#[must_use]
pub fn touches(globs: &[String], paths: &[String]) -> bool {
    let Ok(patterns) = globs.iter().map(|text| pattern(text)).collect::<Result<Vec<_>, _>>() else {
        return true;
    };
    if patterns.is_empty() {
        return true;
    }
    let only_out = patterns.iter().all(|pattern| pattern.out);
    paths.iter().any(|path| {
        // The last one that matches decides, as in .gitignore.
        let last = patterns.iter().rev().find(|pattern| pattern.matcher.is_match(path));
        last.map_or(only_out, |pattern| !pattern.out)
    })
}

/// Whether a tag's or branch's name matches a glob; there `*` goes over `/` too. Never, if it cannot be read.
#[must_use]
pub fn matches_tag(glob: &str, tag: &str) -> bool {
    GlobBuilder::new(glob).build().is_ok_and(|glob| glob.compile_matcher().is_match(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(globs: &[&str], paths: &[&str]) -> bool {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        touches(&own(globs), &own(paths))
    }

    #[test]
    fn watch_globs_choose_by_path() {
        assert!(touched(&[], &["a"]));
        assert!(touched(&["src/**"], &["README.md", "src/a/b.rs"]));
        assert!(!touched(&["src/*"], &["src/a/b.rs"]));
        assert!(touched(&["src/"], &["src/a/b.rs"]));
        assert!(!touched(&["src/"], &["docs/a", "src2/a"]));
        assert!(!touched(&["**", "!docs/**"], &["docs/a.md"]));
        assert!(!touched(&["!docs/**"], &["docs/a.md"]));
        assert!(touched(&["!docs/**"], &["docs/a.md", "src/a"]));
        assert!(touched(&["**", "!docs/**", "docs/api.json"], &["docs/api.json"]));
        assert!(touched(&["{api,web}/**"], &["web/x"]));
        assert!(!touched(&["src/**"], &[]));
    }

    #[test]
    fn wrong_globs_are_refused_and_never_skip() {
        for wrong in ["", "!", "/etc/*", "a[", "{a", "a\nb"] {
            assert_eq!(check(wrong).unwrap_err().code, "invalid_glob", "{wrong:?}");
        }
        assert!(touched(&["a["], &["b"]));
    }

    #[test]
    fn tags_match() {
        assert!(matches_tag("v*", "v1.2.3"));
        assert!(matches_tag("release/*", "release/2026/1"));
        assert!(!matches_tag("v*", "w1"));
        assert!(!matches_tag("v[", "v["));
    }
}
