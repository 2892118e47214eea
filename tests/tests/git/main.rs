//! Git over real transports: smart HTTP and ssh on loopback, with hostile repositories.
//!
//! To add a case: its number in the test's name, in `fetch` if the host or its answer is at
//! fault, in `hostile` if the repository is, in `ssh` if it is about keys.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails should end it at that line")]

mod fetch;
mod hostile;
mod server;
mod ssh;

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use skep::{
    domain::{app::Follow, git_url::GitUrl, name::Sha, outbound::Outbound},
    git::{
        Access, Commit, Git as _, GitError, GitHome, Limits,
        cli::{GitCli, Resolve},
    },
};
use tokio_util::sync::CancellationToken;

const LIMITS: Limits =
    Limits { bytes: 8 << 20, file_bytes: 4 << 20, files: 100, time: Duration::from_secs(60) };

/// Git with a home of its own, that may speak http on loopback.
struct Client {
    git: GitCli,
    home: tempfile::TempDir,
}

impl Client {
    fn new() -> Self {
        Self::with(Outbound::parse("127.0.0.0/8").unwrap())
    }

    fn with(outbound: Outbound) -> Self {
        let home = tempfile::tempdir().unwrap();
        let git = GitCli::new(GitHome(home.path().join("git")), outbound, true).unwrap();
        Self { git: git.with_courier(env!("CARGO_BIN_EXE_git-courier")), home }
    }

    fn resolving(self, addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        Self { git: self.git.with_resolver(Arc::new(Fixed(addresses))), home: self.home }
    }

    async fn head(&self, url: &str, follow: &Follow) -> Result<Sha, GitError> {
        Ok(self.git.head(&address(url), follow, &Access::None).await?.sha)
    }

    async fn checkout(&self, url: &str, sha: &str, into: &Path) -> Result<Commit, GitError> {
        self.checkout_with(url, sha, &Access::None, into, LIMITS).await
    }

    async fn checkout_with(
        &self,
        url: &str,
        sha: &str,
        access: &Access,
        into: &Path,
        limits: Limits,
    ) -> Result<Commit, GitError> {
        let cancel = CancellationToken::new();
        self.git.checkout(&address(url), &Sha::parse(sha).unwrap(), access, into, limits, &cancel).await
    }
}

/// Every name leads to the same addresses.
struct Fixed(Vec<IpAddr>);

#[async_trait]
impl Resolve for Fixed {
    async fn resolve(&self, _host: &str, _port: u16) -> std::io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

fn address(url: &str) -> GitUrl {
    GitUrl::parse_allowing_http(url).unwrap()
}

fn branch(name: &str) -> Follow {
    Follow::Branch { branch: name.parse().unwrap() }
}

fn tags(pattern: &str) -> Follow {
    Follow::Tags { pattern: pattern.to_owned() }
}

/// The code of a refusal.
fn code<T: std::fmt::Debug>(result: Result<T, GitError>) -> &'static str {
    match result {
        Err(GitError::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

/// All that lies in a folder, by path.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                let path = entry.path();
                found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}
