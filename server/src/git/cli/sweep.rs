//! Clearing away mirrors that nobody uses any more (an app was deleted, a token renewed), and
//! boxes of a server that was killed, which may hold credentials.

use std::{
    fs::{self, File},
    io,
    path::Path,
    time::SystemTime,
};

use rustix::fs::{FlockOperation, flock};

use super::super::GitHome;
use super::sandbox;

/// Removes what was last used before `before`, and says how many folders that were.
pub(super) fn run(home: &GitHome, before: SystemTime) -> io::Result<usize> {
    let mut removed = 0;
    let (mirrors, runs) = (home.0.join("mirrors"), home.0.join("run"));
    for folder in [&mirrors, &runs] {
        sandbox::make_private(folder)?;
    }
    for entry in fs::read_dir(&runs)? {
        let entry = entry?;
        if entry.metadata()?.modified()? < before {
            fs::remove_dir_all(entry.path())?;
            removed += 1;
        }
    }
    for entry in fs::read_dir(&mirrors)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "lock") {
            removed += usize::from(mirror(&path, before)?);
        }
    }
    Ok(removed)
}

/// Removes the mirror of a lock file that has not been taken since. The lock file stays: somebody
/// may be waiting for it.
fn mirror(lock: &Path, before: SystemTime) -> io::Result<bool> {
    let folder = lock.with_extension("git");
    let file = File::open(lock)?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(false); // in use
    }
    let unused = file.metadata()?.modified()? < before && folder.exists();
    if unused {
        fs::remove_dir_all(folder)?;
    }
    Ok(unused)
}
