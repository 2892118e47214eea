//! The git program, in a box (S11): started by argv in a process group of its own, with a cleared
//! environment and no configuration but ours, over https and ssh alone (http where allowed), to
//! the very addresses that the policy has looked at, without hooks, filters and submodules.
//!
//! A fetch goes: addresses (`address`), box (`sandbox`), mirror under its lock (`mirror`), one
//! commit (`fetch`), its list of files (`listing`), and the files (`write`).
//! To add a setting of git: a line in `sandbox.rs`. To tell one more failure: a line in `failure.rs`.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Access, Commit, Git, GitError, GitHome, Limits};
use crate::domain::{
    app::Follow,
    clock::Time,
    git_url::{GitUrl, Scheme},
    name::Sha,
    outbound::Outbound,
};

pub(crate) mod address;
pub mod courier;
mod failure;
mod fetch;
mod group;
mod head;
mod host_keys;
mod listing;
mod mirror;
mod sandbox;
mod sweep;
mod write;

pub use address::{Resolve, SystemResolver};
use mirror::Mirror;
use sandbox::Sandbox;

/// How long a question for heads or host keys may take.
const ASK: Duration = Duration::from_secs(30);

/// Git by its program.
pub struct GitCli {
    home: GitHome,
    outbound: Outbound,
    allow_http: bool,
    resolver: Arc<dyn Resolve>,
    courier: std::path::PathBuf,
}

impl GitCli {
    /// `home` is made if it is not there. `allow_http`: plain http may be spoken.
    ///
    /// # Errors
    /// If `home` cannot be made, or our own program cannot be found (it carries ssh's settings,
    /// see [`courier`]).
    pub fn new(home: GitHome, outbound: Outbound, allow_http: bool) -> std::io::Result<Self> {
        sandbox::make_private(&home.0)?;
        let courier = std::env::current_exe()?;
        Ok(Self { home, outbound, allow_http, resolver: Arc::new(SystemResolver), courier })
    }

    /// Resolves names another way.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Another program that answers as [`courier`].
    #[must_use]
    pub fn with_courier(mut self, program: impl Into<std::path::PathBuf>) -> Self {
        self.courier = program.into();
        self
    }

    /// Whether `url` may be spoken to now: its scheme, and every address of its host.
    ///
    /// # Errors
    /// `scheme_not_allowed`, `address_not_allowed`, or no answer from the name server.
    pub async fn check(&self, url: &GitUrl) -> Result<(), GitError> {
        self.addresses(url).await.map(|_| ())
    }

    async fn addresses(&self, url: &GitUrl) -> Result<Vec<std::net::IpAddr>, GitError> {
        url.permitted(self.allow_http).map_err(failure::from_wrong)?;
        address::checked(url.host(), url.port(), &self.outbound, &*self.resolver).await
    }

    async fn sandbox(&self, url: &GitUrl, access: &Access) -> Result<Sandbox, GitError> {
        let addresses = self.addresses(url).await?;
        Sandbox::make(&self.home, url, &addresses, access, &self.courier)
    }

    async fn lay_out(
        &self,
        url: &GitUrl,
        sha: &Sha,
        access: &Access,
        into: &Path,
        limits: Limits,
        stop: &CancellationToken,
    ) -> Result<Commit, GitError> {
        let sandbox = self.sandbox(url, access).await?;
        let mirror = Mirror::lock(&self.home, url, access, stop).await?;
        mirror.prepare(&sandbox, stop).await?;
        let commit = fetch::commit(&sandbox, &mirror, url, sha, limits, stop).await?;
        let files = listing::read(&sandbox, &mirror, &commit.sha, limits, stop).await?;
        write::all(&sandbox, &mirror, &files, into, stop).await?;
        Ok(commit)
    }
}

#[async_trait]
impl Git for GitCli {
    async fn sweep(&self, before: Time) -> std::io::Result<usize> {
        let home = self.home.clone();
        let swept = tokio::task::spawn_blocking(move || sweep::run(&home, before.into())).await;
        swept.map_err(std::io::Error::other)?
    }

    async fn head(&self, url: &GitUrl, follow: &Follow, access: &Access) -> Result<Commit, GitError> {
        within(ASK, &CancellationToken::new(), async |stop| {
            let sandbox = self.sandbox(url, access).await?;
            head::of(&sandbox, url, follow, stop).await
        })
        .await
    }

    async fn checkout(
        &self,
        url: &GitUrl,
        sha: &Sha,
        access: &Access,
        into: &Path,
        limits: Limits,
        cancel: &CancellationToken,
    ) -> Result<Commit, GitError> {
        let result = within(limits.time, cancel, async |stop| {
            self.lay_out(url, sha, access, into, limits, stop).await
        })
        .await;
        if result.is_err() {
            write::empty(into).await;
        }
        result
    }

    async fn host_keys(&self, url: &GitUrl) -> Result<Vec<String>, GitError> {
        if url.scheme() != Scheme::Ssh {
            return Ok(Vec::new());
        }
        within(ASK, &CancellationToken::new(), async |stop| {
            let addresses = self.addresses(url).await?;
            host_keys::scan(url, &addresses, stop).await
        })
        .await
    }
}

/// Runs `work`, and tells it to stop when `cancel` is, or when `time` is over. It is waited for
/// until it has stopped, so that nothing goes on behind the caller's back.
async fn within<T>(
    time: Duration,
    cancel: &CancellationToken,
    work: impl AsyncFnOnce(&CancellationToken) -> Result<T, GitError>,
) -> Result<T, GitError> {
    let stop = cancel.child_token();
    let work = work(&stop);
    tokio::pin!(work);
    let result = tokio::select! {
        result = &mut work => return result,
        () = cancel.cancelled() => Err(GitError::Cancelled),
        () = tokio::time::sleep(time) => {
            Err(GitError::Unreachable(format!("it was not done within {} seconds", time.as_secs())))
        }
    };
    stop.cancel();
    match work.await {
        Ok(done) if !cancel.is_cancelled() => Ok(done),
        _ => result,
    }
}
