//! A bare mirror for each repository, so that a fetch brings only what is new.
//!
//! A mirror is filed under its URL and the credential together: who may not read a repository
//! must not get it from the disk either. It is used under a lock, by one process at a time.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::super::{Access, GitError, GitHome};
use super::{failure, group, group::Group, sandbox, sandbox::Sandbox};
use crate::domain::git_url::GitUrl;

/// With more packs than this a mirror starts anew: it is only a cache.
const MOST_PACKS: usize = 40;

/// A locked mirror.
#[derive(Debug)]
pub(super) struct Mirror {
    folder: PathBuf,
    _lock: File,
}

impl Mirror {
    /// Waits for its turn, then ends and clears what a killed process left.
    pub(super) async fn lock(
        home: &GitHome,
        url: &GitUrl,
        access: &Access,
        stop: &CancellationToken,
    ) -> Result<Self, GitError> {
        let mirrors = home.0.join("mirrors");
        sandbox::make_private(&mirrors).map_err(failure::from_io)?;
        let name = name(url, access);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(mirrors.join(format!("{name}.lock")))
            .map_err(failure::from_io)?;
        // The lock dies with us, however we die. Asked for again and again, since a blocking
        // wait could not be cancelled.
        while flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            tokio::select! {
                () = stop.cancelled() => return Err(GitError::Cancelled),
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
        lock.write_all_at(b"x", 0).map_err(failure::from_io)?; // its time tells when it was used
        let mirror = Self { folder: mirrors.join(format!("{name}.git")), _lock: lock };
        group::end_recorded(&mirror.record());
        mirror.clear().map_err(failure::from_io)?;
        Ok(mirror)
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the running fetch is noted.
    pub(super) fn record(&self) -> PathBuf {
        self.folder.join("skep-running")
    }

    /// Removes git's locks and half-written packs of a process that was killed; the whole mirror
    /// if it has grown out of bounds.
    fn clear(&self) -> io::Result<()> {
        self.clear_halves()?;
        let packs = list(&self.folder.join("objects/pack"))?;
        let count =
            packs.iter().filter(|entry| entry.path().extension().is_some_and(|end| end == "pack")).count();
        for folder in [self.folder.clone(), self.folder.join("refs/skep")] {
            for entry in list(&folder)? {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.ends_with(".lock") || name.starts_with("shallow_") {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        if count > MOST_PACKS {
            fs::remove_dir_all(&self.folder)?;
        }
        Ok(())
    }

    /// Removes packs that were not finished, and says how many bytes the largest had.
    pub(super) fn clear_halves(&self) -> io::Result<u64> {
        let mut largest = 0;
        for entry in list(&self.folder.join("objects/pack"))? {
            if entry.file_name().to_string_lossy().starts_with("tmp_") {
                largest = largest.max(entry.metadata()?.len());
                fs::remove_file(entry.path())?;
            }
        }
        Ok(largest)
    }

    /// Makes the bare repository, unless it is there.
    pub(super) async fn prepare(&self, sandbox: &Sandbox, stop: &CancellationToken) -> Result<(), GitError> {
        if self.folder.join("skep-made").exists() {
            return Ok(());
        }
        // Half made by a process that was killed.
        let _ = fs::remove_dir_all(&self.folder);
        sandbox::make_private(&self.folder).map_err(failure::from_io)?;
        // An empty template: no hooks, not even samples.
        let init = sandbox.git(Some(&self.folder), &["init", "--quiet", "--bare", "--template="]);
        let said = Group::start(init)?.say(1 << 16, stop).await?;
        if !said.status.success() {
            return Err(failure::read(&said.errors));
        }
        fs::write(self.folder.join("skep-made"), "").map_err(failure::from_io)
    }
}

fn list(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A name that tells nothing and never collides: parts are told apart by their lengths.
fn name(url: &GitUrl, access: &Access) -> String {
    let parts: [&str; 4] = match access {
        Access::None => ["none", "", "", url.as_str()],
        Access::Token { username, token } => ["token", username, token.expose(), url.as_str()],
        Access::Key { private, .. } => ["key", "", private.expose(), url.as_str()],
    };
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(&hash.finalize()[..20])
}
