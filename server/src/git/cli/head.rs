//! Where a branch or the highest tag is now, asked of the host itself.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::super::{Commit, GitError, glob, version};
use super::{failure, group::Group, sandbox::Sandbox};
use crate::domain::{app::Follow, git_url::GitUrl, name::Sha};

/// Bytes of a host's list of refs: some hundred thousand of them.
const MOST: u64 = 32 << 20;

pub(super) async fn of(
    sandbox: &Sandbox,
    url: &GitUrl,
    follow: &Follow,
    stop: &CancellationToken,
) -> Result<Commit, GitError> {
    let found = match follow {
        Follow::Commit { sha } => Some(sha.clone()),
        Follow::Branch { branch } => {
            let name = format!("refs/heads/{branch}");
            refs(sandbox, url, &[&name], stop).await?.remove(&name)
        }
        Follow::Tags { pattern } => highest(&refs(sandbox, url, &["refs/tags/*"], stop).await?, pattern),
    };
    if let Some(sha) = found {
        return Ok(Commit { sha, title: None, author: None });
    }
    if refs(sandbox, url, &[], stop).await?.is_empty() {
        return Err(failure::refused("empty_repository", "the repository has no commits yet: push one"));
    }
    Err(match follow {
        Follow::Tags { .. } => failure::refused(
            "ref_not_found",
            "the repository has no tag that matches: push one, or change the pattern in the app's source",
        ),
        _ => failure::refused(
            "ref_not_found",
            "the repository has no such branch: push it, or choose another in the app's source",
        ),
    })
}

/// The refs that match, with full names; a peeled tag ends in `^{}`.
async fn refs(
    sandbox: &Sandbox,
    url: &GitUrl,
    patterns: &[&str],
    stop: &CancellationToken,
) -> Result<BTreeMap<String, Sha>, GitError> {
    let mut args = vec!["ls-remote", "--quiet", "--", url.as_str()];
    args.extend(patterns);
    let said = Group::start(sandbox.git(None, &args))?.say(MOST, stop).await?;
    if !said.status.success() {
        return Err(failure::read(&said.errors));
    }
    let text = String::from_utf8_lossy(&said.out);
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(pairs.filter_map(|(sha, name)| Some((name.to_owned(), Sha::parse(sha).ok()?))).collect())
}

/// The commit of the highest version among the tags that match.
fn highest(refs: &BTreeMap<String, Sha>, pattern: &str) -> Option<Sha> {
    let names = refs.keys().filter_map(|name| name.strip_prefix("refs/tags/"));
    let plain = names.filter(|name| !name.ends_with("^{}"));
    let best = plain.filter(|name| glob::matches_tag(pattern, name)).max_by(|a, b| version::compare(a, b))?;
    let peeled = refs.get(&format!("refs/tags/{best}^{{}}"));
    peeled.or_else(|| refs.get(&format!("refs/tags/{best}"))).cloned()
}
