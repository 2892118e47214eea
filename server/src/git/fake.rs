//! Repositories in memory, for tests of all that is above git. Slow and failing by default, the
//! same way for the same seed; `calm` for tests that are about something else.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Access, Commit, Git, GitError, Limits, glob, version};
use crate::domain::{app::Follow, clock::Time, git_url::GitUrl, name::Sha};

/// A host with all repositories of a test.
#[derive(Debug)]
pub struct FakeGit {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    repositories: HashMap<String, Repository>,
    /// A linear congruential generator; none: nothing goes wrong that was not asked for.
    random: Option<u64>,
    made: u64,
    calls: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Repository {
    branches: BTreeMap<String, Sha>,
    tags: BTreeMap<String, Sha>,
    commits: HashMap<String, (Commit, Files)>,
    delay: Duration,
    unreachable: u32,
    refused: Option<(&'static str, String)>,
}

type Files = Vec<(String, Vec<u8>)>;

impl FakeGit {
    /// Every call takes a while, and about one in eight finds the host silent.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: Mutex::new(State { random: Some(seed), ..State::default() }) }
    }

    /// Does at once what it is asked.
    #[must_use]
    pub fn calm() -> Self {
        Self { state: Mutex::new(State::default()) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, url: &str, change: impl FnOnce(&mut Repository)) {
        change(self.lock().repositories.entry(url.to_owned()).or_default());
    }

    /// Makes a commit with exactly these files, moves the branch to it, and gives its id. The
    /// repository is made if there is none.
    pub fn push(&self, url: &str, branch: &str, message: &str, files: &[(&str, &str)]) -> Sha {
        let mut state = self.lock();
        state.made += 1;
        let sha = id(&format!("{url} {} {message} {files:?}", state.made));
        let repository = state.repositories.entry(url.to_owned()).or_default();
        let title = message.lines().next().map(str::to_owned);
        let commit = Commit { sha: sha.clone(), title, author: Some("Ada".to_owned()) };
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        repository.commits.insert(sha.as_str().to_owned(), (commit, files));
        repository.branches.insert(branch.to_owned(), sha.clone());
        sha
    }

    /// Moves a branch to an earlier commit, as a forced push does.
    pub fn reset(&self, url: &str, branch: &str, sha: &Sha) {
        self.change(url, |repository| drop(repository.branches.insert(branch.to_owned(), sha.clone())));
    }

    /// Puts a tag on a commit.
    pub fn tag(&self, url: &str, tag: &str, sha: &Sha) {
        self.change(url, |repository| drop(repository.tags.insert(tag.to_owned(), sha.clone())));
    }

    /// Removes a branch.
    pub fn delete(&self, url: &str, branch: &str) {
        self.change(url, |repository| drop(repository.branches.remove(branch)));
    }

    /// Every call about this repository takes so long, but ends at once when cancelled.
    pub fn slow(&self, url: &str, delay: Duration) {
        self.change(url, |repository| repository.delay = delay);
    }

    /// The next so many calls about this repository find no host.
    pub fn unreachable(&self, url: &str, times: u32) {
        self.change(url, |repository| repository.unreachable = times);
    }

    /// All calls about this repository are refused so; none: no longer.
    pub fn refuse(&self, url: &str, with: Option<(&'static str, &str)>) {
        self.change(url, |repository| {
            repository.refused = with.map(|(code, message)| (code, message.to_owned()));
        });
    }

    /// What was asked so far: `head <url>`, `checkout <url> <sha>`.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    /// Notes the call, waits, fails if it should, and gives the repository as it is afterwards.
    async fn call(
        &self,
        what: String,
        url: &GitUrl,
        cancel: &CancellationToken,
    ) -> Result<Repository, GitError> {
        let (delay, silent) = {
            let mut state = self.lock();
            state.calls.push(what);
            let mut draw = |below: u64| {
                let Some(random) = state.random.as_mut() else { return below - 1 };
                *random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (*random >> 33) % below
            };
            let wild = Duration::from_millis(draw(20));
            let silent = draw(8) == 0;
            let calm = state.random.is_none();
            let scripted = state.repositories.get(url.as_str()).map_or(Duration::ZERO, |r| r.delay);
            (if calm { scripted } else { scripted + wild }, silent)
        };
        tokio::select! {
            () = cancel.cancelled() => return Err(GitError::Cancelled),
            () = tokio::time::sleep(delay) => {}
        }
        let mut state = self.lock();
        let Some(repository) = state.repositories.get_mut(url.as_str()) else {
            return Err(refused("repository_not_found", "there is no such repository"));
        };
        if silent || repository.unreachable > 0 {
            repository.unreachable = repository.unreachable.saturating_sub(1);
            return Err(GitError::Unreachable("connection refused".to_owned()));
        }
        match &repository.refused {
            Some((code, message)) => Err(GitError::Refused { code, message: message.clone() }),
            None => Ok(repository.clone()),
        }
    }
}

fn refused(code: &'static str, message: &str) -> GitError {
    GitError::Refused { code, message: message.to_owned() }
}

#[expect(clippy::expect_used, reason = "hexadecimal digits make an id")]
fn id(text: &str) -> Sha {
    Sha::parse(&hex::encode(&Sha256::digest(text)[..20])).expect("40 digits")
}

#[async_trait]
impl Git for FakeGit {
    async fn sweep(&self, before: Time) -> std::io::Result<usize> {
        self.lock().calls.push(format!("sweep {}", before.to_rfc3339()));
        Ok(0)
    }

    async fn head(&self, url: &GitUrl, follow: &Follow, _access: &Access) -> Result<Commit, GitError> {
        let repository = self.call(format!("head {url}"), url, &CancellationToken::new()).await?;
        if repository.commits.is_empty() {
            return Err(refused("empty_repository", "the repository has no commits yet"));
        }
        let sha = match follow {
            Follow::Branch { branch } => repository.branches.get(branch.as_str()),
            Follow::Tags { pattern } => {
                let matching = repository.tags.keys().filter(|tag| glob::matches_tag(pattern, tag));
                matching.max_by(|a, b| version::compare(a, b)).and_then(|tag| repository.tags.get(tag))
            }
            Follow::Commit { sha } => Some(sha),
        };
        let sha = sha.ok_or_else(|| refused("ref_not_found", "the repository has no such branch or tag"))?;
        Ok(Commit { sha: sha.clone(), title: None, author: None })
    }

    async fn checkout(
        &self,
        url: &GitUrl,
        sha: &Sha,
        _access: &Access,
        into: &Path,
        limits: Limits,
        cancel: &CancellationToken,
    ) -> Result<Commit, GitError> {
        let call = self.call(format!("checkout {url} {sha}"), url, cancel);
        let late = || GitError::Unreachable("it took too long".to_owned());
        let repository = tokio::time::timeout(limits.time, call).await.map_err(|_| late())??;
        let Some((commit, files)) = repository.commits.get(sha.as_str()) else {
            return Err(refused("commit_not_found", "the repository has no such commit"));
        };
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        if bytes as u64 > limits.bytes || files.len() as u64 > limits.files {
            return Err(refused("source_too_large", "the source is too large"));
        }
        for (path, content) in files {
            let path = into.join(path);
            let written = async {
                tokio::fs::create_dir_all(path.parent().unwrap_or(into)).await?;
                tokio::fs::write(&path, content).await
            };
            written.await.map_err(|error| GitError::Unreachable(error.to_string()))?;
        }
        Ok(commit.clone())
    }

    async fn host_keys(&self, url: &GitUrl) -> Result<Vec<String>, GitError> {
        self.call(format!("host_keys {url}"), url, &CancellationToken::new()).await?;
        Ok(vec![format!(
            "{} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZha2UgaG9zdCBrZXkgb2YgYSBmYWtlIGhvc3Qh",
            url.host()
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://git.example.org/team/app";
    const LIMITS: Limits = Limits { bytes: 100, file_bytes: 100, files: 3, time: Duration::from_secs(5) };

    fn branch() -> Follow {
        Follow::Branch { branch: "main".parse().unwrap() }
    }

    #[tokio::test]
    async fn what_was_pushed_is_checked_out() {
        let (git, url) = (FakeGit::calm(), GitUrl::parse(URL).unwrap());
        let first = git.push(URL, "main", "One\n\nmore", &[("a/b.txt", "hello")]);
        assert_eq!(git.head(&url, &branch(), &Access::None).await.unwrap().sha, first);
        let folder = tempfile::tempdir().unwrap();
        let cancel = CancellationToken::new();
        let commit = git.checkout(&url, &first, &Access::None, folder.path(), LIMITS, &cancel).await.unwrap();
        assert_eq!(commit.title.as_deref(), Some("One"));
        assert_eq!(std::fs::read(folder.path().join("a/b.txt")).unwrap(), b"hello");
        let second = git.push(URL, "main", "Two", &[]);
        git.tag(URL, "v9", &first);
        git.tag(URL, "v10", &second);
        let tags = Follow::Tags { pattern: "v*".into() };
        assert_eq!(git.head(&url, &tags, &Access::None).await.unwrap().sha, second);
        git.reset(URL, "main", &first);
        assert_eq!(git.head(&url, &branch(), &Access::None).await.unwrap().sha, first);
    }

    #[tokio::test]
    async fn it_misbehaves_when_asked_and_by_seed() {
        let (git, url) = (FakeGit::calm(), GitUrl::parse(URL).unwrap());
        let sha = git.push(URL, "main", "One", &[]);
        git.unreachable(URL, 1);
        assert!(matches!(git.head(&url, &branch(), &Access::None).await, Err(GitError::Unreachable(_))));
        git.head(&url, &branch(), &Access::None).await.unwrap();
        git.slow(URL, Duration::from_secs(3600));
        let cancel = CancellationToken::new();
        cancel.cancel();
        let folder = tempfile::tempdir().unwrap();
        let stopped = git.checkout(&url, &sha, &Access::None, folder.path(), LIMITS, &cancel).await;
        assert!(matches!(stopped, Err(GitError::Cancelled)));

        let outcomes = async |seed| {
            let git = FakeGit::new(seed);
            git.push(URL, "main", "One", &[]);
            let mut outcomes = Vec::new();
            for _ in 0..40 {
                outcomes.push(git.head(&url, &branch(), &Access::None).await.is_ok());
            }
            outcomes
        };
        let once = outcomes(7).await;
        assert!(once.contains(&true) && once.contains(&false));
        assert_eq!(once, outcomes(7).await);
        assert_ne!(once, outcomes(8).await);
    }
}
