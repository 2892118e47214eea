//! Git and forges: the only place that speaks with a repository host or reads its messages.
//!
//! Git runs by argv in a box (S11): cleared environment, empty system and global configuration,
//! https and ssh only, no hooks, no filters, no submodules, own process group, deadline.
//!
//! To add a forge: see `deliveries/mod.rs` for what it sends and `status.rs` for what it is told.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub mod cli;
pub mod deliveries;
pub mod fake;
pub mod glob;
pub mod host_key;
pub mod key;
pub mod skip;
pub mod status;
pub mod version;

use crate::domain::{app::Follow, clock::Time, git_url::GitUrl, name::Sha, secret::Secret};

/// How to sign in at a host; sent to that host only.
#[derive(Debug, Clone)]
pub enum Access {
    /// Public.
    None,
    /// User and token, for https.
    Token {
        /// `git` if the host does not care.
        username: String,
        /// Token or password.
        token: Secret,
    },
    /// A key, for ssh.
    Key {
        /// The private key in OpenSSH's form.
        private: Secret,
        /// The keys that the host may show: lines of known_hosts(5), of which only type and key
        /// count. None: no host is trusted, and the fetch ends with `host_key_changed`.
        hosts: Vec<String>,
    },
}

/// Why git did not give what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GitError {
    /// The source is at fault, and will be again: what, and what to do.
    #[error("{message}")]
    Refused {
        /// Stable: `ref_not_found`, `empty_repository`, `unauthorized`, `address_not_allowed`,
        /// `host_key_changed`, `source_too_large`, `commit_not_found`, `path_outside_repository`...
        code: &'static str,
        /// What happened and what to do; no secrets.
        message: String,
    },
    /// The host did not answer; worth another try.
    #[error("the git host does not answer: {0}")]
    Unreachable(String),
    /// Somebody stopped it.
    #[error("cancelled")]
    Cancelled,
}

/// A commit, as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full id; a tag is peeled.
    pub sha: Sha,
    /// First line of its message, if it was fetched.
    pub title: Option<String>,
    /// Its author's name, if it was fetched.
    pub author: Option<String>,
}

/// Bounds of a checkout.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all files.
    pub bytes: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Number of files.
    pub files: u64,
    /// The whole fetch must be done by then.
    pub time: std::time::Duration,
}

/// Repositories on other hosts.
#[async_trait]
pub trait Git: Send + Sync {
    /// The commit that the followed branch, tag or commit is at now. For a glob of tags: the
    /// highest version among those that match.
    async fn head(&self, url: &GitUrl, follow: &Follow, access: &Access) -> Result<Commit, GitError>;
    /// Fetches exactly that commit into the mirror of its repository and lays its files into
    /// `into`, an empty folder. Leaves nothing behind when it fails.
    async fn checkout(
        &self,
        url: &GitUrl,
        sha: &Sha,
        access: &Access,
        into: &Path,
        limits: Limits,
        cancel: &CancellationToken,
    ) -> Result<Commit, GitError>;
    /// The keys that an ssh host shows now, as lines of known_hosts(5) for `host` (`[host]:port`
    /// if the port is not 22). To be shown to a person, and saved only if that person agrees.
    async fn host_keys(&self, url: &GitUrl) -> Result<Vec<String>, GitError>;
    /// Removes what was fetched and last used before `before`, and what killed servers left; says
    /// how many folders that were. What is gone is fetched again when it is needed.
    async fn sweep(&self, before: Time) -> std::io::Result<usize>;
}

/// Where mirrors and askpass programs are kept.
#[derive(Debug, Clone)]
pub struct GitHome(pub PathBuf);
