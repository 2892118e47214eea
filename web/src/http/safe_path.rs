//! A place of ours to go to next.

/// `path` if it is an absolute path of this site, else `/`. Refuses `//host`, backslashes, which
/// browsers read as slashes, and control characters, which they drop.
pub fn safe_path(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path.len() <= 2_000;
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::safe_path;

    #[test]
    fn case_129_next_leads_only_to_us() {
        for bad in [
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "https://x",
            "",
            "/a\n/b",
            "/\t/x",
        ] {
            assert_eq!(safe_path(bad), "/", "{bad:?}");
        }
        for good in ["/", "/apps/1?x=%2F%2F", "/deployments/9#log"] {
            assert_eq!(safe_path(good), good);
        }
    }
}
