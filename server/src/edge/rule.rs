//! Traefik's rule language (v3): one place that writes it, one way for text to get in.

/// `text` as a literal of the rule language, or nothing if it holds anything but the characters
/// of host names, paths and tokens. The literal is raw (backticks), so nothing in it can be an
/// escape, and a backtick cannot be in it.
#[must_use]
pub fn quoted(text: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/: ".contains(&b);
    (!text.is_empty() && text.len() <= 512 && text.bytes().all(plain)).then(|| format!("`{text}`"))
}

/// Requests to `host`, at `path` and below it. `/api` is `/api` and `/api/…`, not `/apis`. A host that
/// begins with `*.` is any with one label in place of the star.
#[must_use]
pub fn route(host: &str, path: &str) -> Option<String> {
    let host = match host.strip_prefix("*.") {
        Some(base) => format!("HostRegexp({})", below(base)?),
        None => format!("Host({})", quoted(host)?),
    };
    if path == "/" {
        return Some(host);
    }
    let below = quoted(&format!("{path}/"))?;
    let path = quoted(path)?;
    Some(format!("{host} && (Path({path}) || PathPrefix({below}))"))
}

/// The regular expression of all hosts one label below `base`, as a literal: made of the characters of host
/// names alone, of which the dot is the only one that expressions have a meaning for.
fn below(base: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let fit = !base.is_empty() && base.len() <= 253 && base.bytes().all(plain);
    fit.then(|| format!("`^[a-z0-9_-]+\\.{}$`", base.replace('.', "\\.")))
}

/// Requests to any host whose path begins so.
#[must_use]
pub fn prefix(path: &str) -> Option<String> {
    Some(format!("PathPrefix({})", quoted(path)?))
}

/// Those of `rule` that come from one of these ranges.
#[must_use]
pub fn from(rule: &str, ranges: &[String]) -> Option<String> {
    let all: Vec<String> =
        ranges.iter().map(|range| Some(format!("ClientIP({})", quoted(range)?))).collect::<Option<_>>()?;
    (!all.is_empty()).then(|| format!("({rule}) && ({})", all.join(" || ")))
}

/// Connections that name no host: all that come without TLS.
pub const ANY_CONNECTION: &str = "HostSNI(`*`)";

/// Connections that name this host in TLS.
#[must_use]
pub fn named(host: &str) -> Option<String> {
    Some(format!("HostSNI({})", quoted(host)?))
}

/// Those of `rule` that come from none of these ranges.
#[must_use]
pub fn not_from(rule: &str, ranges: &[String]) -> Option<String> {
    ranges
        .iter()
        .try_fold(format!("({rule})"), |rule, range| Some(format!("{rule} && !ClientIP({})", quoted(range)?)))
}

/// Those of `rule` that have no body: GET, HEAD and OPTIONS.
#[must_use]
pub fn without_body(rule: &str) -> String {
    format!("({rule}) && (Method(`GET`) || Method(`HEAD`) || Method(`OPTIONS`))")
}

/// Those of `rule` that may have a body: all others.
#[must_use]
pub fn with_body(rule: &str) -> String {
    format!("({rule}) && !Method(`GET`) && !Method(`HEAD`) && !Method(`OPTIONS`)")
}

/// Requests to exactly this path with this bearer token.
#[must_use]
pub fn bearer(path: &str, token: &str) -> Option<String> {
    let header = quoted(&format!("Bearer {token}"))?;
    Some(format!("Path({}) && Header(`Authorization`, {header})", quoted(path)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::domain_name::{Hostname, PathPrefix};

    const HOSTILE: [&str; 14] = [
        "a.example.org`) || Host(`b.example.org",
        "a.example.org\") || HostRegexp(\".*",
        "a.example.org') || PathPrefix('/",
        "a.example.org || true",
        "a.example.org)",
        "(a.example.org",
        "a.example.org\nb.example.org",
        "a.example.org\r",
        "${HOST}.example.org",
        "{sub:.*}.example.org",
        "a\\.example.org",
        "a.example.org\0",
        "",
        "a.example.org%60",
    ];

    #[test]
    fn case_093_no_text_can_leave_its_literal() {
        for text in HOSTILE {
            assert!(quoted(text).is_none(), "{text:?} got through");
            assert!(route(text, "/").is_none());
            assert!(Hostname::parse(text).is_err(), "{text:?} is no host");
            assert!(PathPrefix::parse(&format!("/{text}x\0")).is_err());
        }
    }

    #[test]
    fn a_rule_matches_whole_segments() {
        assert_eq!(route("a.example.org", "/").as_deref(), Some("Host(`a.example.org`)"));
        assert_eq!(
            route("a.example.org", "/api").as_deref(),
            Some("Host(`a.example.org`) && (Path(`/api`) || PathPrefix(`/api/`))")
        );
    }

    #[test]
    fn case_086_a_star_is_one_label() {
        assert_eq!(
            route("*.shop.example.org", "/").as_deref(),
            Some("HostRegexp(`^[a-z0-9_-]+\\.shop\\.example\\.org$`)")
        );
        for bad in ["*.", "*.*.example.org", "*.a`.example.org", "*.(.*)", "*.a|b", "*.A.example.org"] {
            assert!(route(bad, "/").is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn case_093_every_checked_host_and_path_gives_a_rule_of_one_shape(host in ".{0,40}", path in ".{0,40}") {
            let (Ok(host), Ok(path)) = (Hostname::parse(&format!("{host}.example.org")), PathPrefix::parse(&format!("/{path}"))) else {
                return Ok(());
            };
            let rule = route(host.as_str(), path.as_str());
            prop_assert!(rule.is_some());
            let ticks = rule.unwrap_or_default().matches('`').count();
            prop_assert_eq!(ticks, if path.as_str() == "/" { 2 } else { 6 });
        }

        #[test]
        fn case_093_a_literal_holds_what_was_given_and_nothing_that_ends_it(text in "\\PC{0,60}") {
            if let Some(literal) = quoted(&text) {
                prop_assert_eq!(&literal[1..literal.len() - 1], text.as_str());
                let ends = text.contains(['`', '"', '\'', '(', ')', '|', '&', '\\', '$', '{', '}', '\n']);
                prop_assert!(!ends);
            }
        }
    }
}
