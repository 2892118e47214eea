//! What the forges' push payloads have in common.

use super::{Rejection, field::Field};
use crate::domain::push::{Head, Target};

/// The branch or tag in a full ref name; none for other refs (notes, pull requests).
pub(super) fn target(field: &Field<'_>) -> Result<Option<Target>, Rejection> {
    let text = field.text()?;
    if let Some(name) = text.strip_prefix("refs/heads/") {
        return field.ref_name(name).map(Target::Branch).map(Some);
    }
    if let Some(name) = text.strip_prefix("refs/tags/") {
        return field.ref_name(name).map(Target::Tag).map(Some);
    }
    // Checked all the same: a malformed ref is an error, not something to be ignored.
    field.ref_name(text).map(|_| None)
}

/// All names that a payload gives to its repository.
pub(super) fn names(repository: &Field<'_>, keys: &[&str]) -> Vec<String> {
    let told = keys.iter().filter_map(|key| repository.get(key).maybe_text());
    told.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The paths in `added`, `modified` and `removed` of every commit; none as soon as one commit
/// does not list them.
pub(super) fn paths(commits: &[Field<'_>]) -> Option<Vec<String>> {
    let mut paths = Vec::new();
    for commit in commits {
        for key in ["added", "modified", "removed"] {
            for path in commit.get(key).list().ok()? {
                paths.push(path.maybe_text()?.to_owned());
            }
        }
    }
    (!commits.is_empty()).then(|| {
        paths.sort_unstable();
        paths.dedup();
        paths
    })
}

/// Message and author of a commit in the shape `{message, author: {name}}`.
pub(super) fn head(commit: &Field<'_>) -> Option<Head> {
    let message = commit.get("message").maybe_text()?.to_owned();
    Some(Head { message, author: commit.get("author").get("name").maybe_text().map(str::to_owned) })
}
