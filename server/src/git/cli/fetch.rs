//! One commit of a repository, and nothing else, into its mirror.

use tokio_util::sync::CancellationToken;

use super::super::{Commit, GitError, Limits};
use super::{failure, group::Group, mirror::Mirror, sandbox::Sandbox};
use crate::domain::{git_url::GitUrl, name::Sha};

/// Fetches `sha` if the mirror does not have it, and says what commit it is: a tag is peeled.
pub(super) async fn commit(
    sandbox: &Sandbox,
    mirror: &Mirror,
    url: &GitUrl,
    sha: &Sha,
    limits: Limits,
    stop: &CancellationToken,
) -> Result<Commit, GitError> {
    // The ref is made only after everything that the commit needs is there.
    let kept = format!("refs/skep/{sha}");
    if peeled(sandbox, mirror, &kept, stop).await?.is_none() {
        let exact = format!("{sha}:{kept}");
        match run(sandbox, mirror, url, &["--depth=1"], &[&exact], limits, stop).await {
            Err(GitError::Refused { code: "commit_not_found", .. }) => {
                whole(sandbox, mirror, url, sha, limits, stop).await?;
            }
            result => result?,
        }
    }
    let Some(found) = peeled(sandbox, mirror, &kept, stop).await? else {
        return Err(failure::refused("commit_not_found", "the id names no commit of the repository"));
    };
    describe(sandbox, mirror, found, stop).await
}

/// For hosts that do not give a commit by its id: all branches and tags, then look for it.
async fn whole(
    sandbox: &Sandbox,
    mirror: &Mirror,
    url: &GitUrl,
    sha: &Sha,
    limits: Limits,
    stop: &CancellationToken,
) -> Result<(), GitError> {
    let all = ["+refs/heads/*:refs/whole/heads/*", "+refs/tags/*:refs/whole/tags/*"];
    // A depth without end also completes what earlier fetches have cut off.
    run(sandbox, mirror, url, &["--depth=2147483647", "--prune"], &all, limits, stop).await?;
    let found = peeled(sandbox, mirror, sha.as_str(), stop).await?;
    if found.is_none() {
        return Err(failure::refused(
            "commit_not_found",
            "the repository has no such commit: it may have been removed by a forced push",
        ));
    }
    let keep = sandbox.git(Some(mirror.folder()), &["update-ref", &format!("refs/skep/{sha}"), sha.as_str()]);
    let said = Group::start(keep)?.say(1 << 16, stop).await?;
    if said.status.success() { Ok(()) } else { Err(failure::read(&said.errors)) }
}

async fn run(
    sandbox: &Sandbox,
    mirror: &Mirror,
    url: &GitUrl,
    options: &[&str],
    refspecs: &[&str],
    limits: Limits,
    stop: &CancellationToken,
) -> Result<(), GitError> {
    let mut args = vec![
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--refmap=",
        "--no-show-forced-updates",
    ];
    args.extend(options);
    args.extend(["--", url.as_str()]);
    args.extend(refspecs);
    let mut group = Group::start(sandbox.git(Some(mirror.folder()), &args))?;
    // A pack is compressed, so a checkout within the limit never needs a larger one; with room
    // for what compresses badly.
    let most = limits.bytes.saturating_add(16 << 20);
    group.limit_files(most).map_err(failure::from_io)?;
    group.record(mirror.record()).map_err(failure::from_io)?;
    let said = group.say(1 << 16, stop).await?;
    if said.status.success() {
        return Ok(());
    }
    if mirror.clear_halves().map_err(failure::from_io)? >= most {
        return Err(failure::refused(
            "source_too_large",
            format!("the repository has more than {} MiB: remove large files from it", limits.bytes >> 20),
        ));
    }
    Err(failure::read(&said.errors))
}

/// The commit that `name` leads to in the mirror, if it does.
async fn peeled(
    sandbox: &Sandbox,
    mirror: &Mirror,
    name: &str,
    stop: &CancellationToken,
) -> Result<Option<Sha>, GitError> {
    let name = format!("{name}^{{commit}}");
    let ask =
        sandbox.git(Some(mirror.folder()), &["rev-parse", "--verify", "--quiet", "--end-of-options", &name]);
    let said = Group::start(ask)?.say(1 << 16, stop).await?;
    let text = String::from_utf8_lossy(&said.out);
    Ok(if said.status.success() { Sha::parse(text.trim()).ok() } else { None })
}

/// Title and author, for people; control characters are taken out where they are shown.
async fn describe(
    sandbox: &Sandbox,
    mirror: &Mirror,
    sha: Sha,
    stop: &CancellationToken,
) -> Result<Commit, GitError> {
    let args = ["log", "-1", "--no-show-signature", "--no-mailmap", "--format=%an%n%s", sha.as_str(), "--"];
    let said = Group::start(sandbox.git(Some(mirror.folder()), &args))?.say(1 << 20, stop).await?;
    let text = String::from_utf8_lossy(&said.out);
    let mut lines = text.lines();
    let mut line = || {
        let line: String = lines.next()?.chars().filter(|c| !c.is_control()).take(200).collect();
        Some(line).filter(|line| !line.trim().is_empty())
    };
    let author = line();
    Ok(Commit { sha, title: line(), author })
}
