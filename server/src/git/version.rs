//! Which of two tags is the higher version: `v1.10.0` over `v1.9`, a release over its candidates.
//!
//! Not only for strict semantic versions, since tags are whatever people write: numbers compare
//! as numbers, words as words, and what follows a `-` makes a version lower (SemVer 2.0, 11).

use std::cmp::Ordering;

/// Compares two tag names; the prefix before the first digit does not count, except between tags
/// that are otherwise the same.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_core, left_pre) = split(left);
    let (right_core, right_pre) = split(right);
    // A tag without any digit is lower than one with a version.
    left_core
        .is_some()
        .cmp(&right_core.is_some())
        .then_with(|| numbers(left_core).cmp(&numbers(right_core)))
        .then_with(|| match (left_pre, right_pre) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(left), Some(right)) => identifiers(left, right),
        })
        .then_with(|| left.cmp(right))
}

/// `v1.2.3-rc.1+build` as `1.2.3` and `rc.1`.
fn split(tag: &str) -> (Option<&str>, Option<&str>) {
    let Some(start) = tag.find(|c: char| c.is_ascii_digit()) else { return (None, None) };
    let version = &tag[start..];
    let version = version.split('+').next().unwrap_or(version);
    match version.split_once('-') {
        Some((core, pre)) => (Some(core), Some(pre)),
        None => (Some(version), None),
    }
}

/// The numbers of a version, without zeros at the end: `1.2` is `1.2.0`.
fn numbers(core: Option<&str>) -> Vec<u128> {
    let parts = core.unwrap_or_default().split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut list: Vec<u128> = parts.map(|part| part.parse().unwrap_or(u128::MAX)).collect();
    while list.last() == Some(&0) {
        list.pop();
    }
    list
}

/// Pre-release parts, one by one: numbers below words, fewer parts below more.
fn identifiers(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split(['.', '-']), right.split(['.', '-']));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u128>(), b.parse::<u128>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let rising = [
            "latest",
            "v0.9",
            "1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0-rc.1",
            "v1.0.0",
            "v1.2",
            "v1.9.9",
            "v1.10.0",
            "release-2.0",
            "v2026.01.02",
        ];
        for pair in rising.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("v1", "v1"), Ordering::Equal);
        assert_ne!(compare("v1", "v1.0"), Ordering::Equal, "the order is total");
    }
}
