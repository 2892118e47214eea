//! Paths as they are counted: what names one thing (a number, an id, a token) is `*`, so that
//! `/orders/17` and `/orders/18` are one path, and no token is kept. No query ever.

/// Of one part of a path that much is kept, bytes.
const LONGEST: usize = 40;
/// Parts that are kept; what is deeper is `*`.
const DEEPEST: usize = 6;

/// Writes the counted form of `path` into `out`, which is emptied first.
pub(super) fn normalise(path: &str, out: &mut String) {
    out.clear();
    for (depth, part) in path.trim_start_matches('/').split('/').enumerate() {
        out.push('/');
        if depth == DEEPEST {
            out.push('*');
            return;
        }
        out.push_str(if names_one_thing(part) { "*" } else { part });
    }
}

/// A number, a UUID, a hash, or anything long with digits in it.
fn names_one_thing(part: &str) -> bool {
    let count = |fits: fn(&u8) -> bool| part.bytes().filter(fits).count();
    let digits = count(u8::is_ascii_digit);
    let hex = count(|b| b.is_ascii_hexdigit() || *b == b'-');
    let number = digits > 0 && digits == part.len();
    let hash = part.len() >= 8 && hex == part.len() && digits > 0;
    let token = part.len() >= 20 && digits > 0 && !part.contains('.');
    number || hash || token || part.len() > LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_any_thing() {
        let mut out = String::new();
        for (path, counted) in [
            ("/", "/"),
            ("", "/"),
            ("/orders/17", "/orders/*"),
            ("/orders/17/items/3b6a27bc", "/orders/*/items/*"),
            ("/u/01900000-0000-7000-8000-000000000001/edit", "/u/*/edit"),
            ("/reset/eyJhbGciOiJIUzI1NiJ9", "/reset/*"),
            ("/v1/cafe", "/v1/cafe"),
            ("/deadbeef/", "/deadbeef/"),
            ("/assets/app-3f2a.css", "/assets/app-3f2a.css"),
            ("/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f/*"),
        ] {
            normalise(path, &mut out);
            assert_eq!(out, counted, "{path}");
        }
        normalise(&format!("/{}", "x".repeat(41)), &mut out);
        assert_eq!(out, "/*");
    }
}
