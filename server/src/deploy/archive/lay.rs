//! Lays the files of a stored archive into a folder, by handles: no path is ever walked by name
//! from the top, no link is followed, nothing that is there is written over.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::OwnedFd,
    path::Path,
};

use rustix::fs::{Mode, OFlags, fchmod, mkdirat, open, openat};
use tokio_util::sync::CancellationToken;

use super::{ArchiveError, Item, Limits, walk};

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const NEW: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Lays them into `into`, an empty folder. Blocks: call it beside the async threads.
///
/// # Errors
/// See [`ArchiveError`]; `Interrupted` when it is cancelled.
pub fn lay(
    archive: &Path,
    into: &Path,
    limits: Limits,
    cancel: &CancellationToken,
) -> Result<(), ArchiveError> {
    let archive = File::open(archive).map_err(ArchiveError::Io)?;
    let top = open(into, FOLDER, Mode::empty()).map_err(|error| ArchiveError::Io(error.into()))?;
    walk(io::BufReader::new(archive), limits, &mut |item, content| {
        if cancel.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        one(&top, item, content)
    })
}

fn one(top: &OwnedFd, item: &Item, content: &mut dyn Read) -> io::Result<()> {
    let mut parts: Vec<&str> = item.path.as_str().split('/').filter(|part| !part.is_empty()).collect();
    let file = if item.folder { None } else { parts.pop() };
    let mut folder: Option<OwnedFd> = None;
    for part in parts {
        let at = folder.as_ref().unwrap_or(top);
        match mkdirat(at, part, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        folder = Some(openat(at, part, FOLDER, Mode::empty())?);
    }
    let Some(name) = file else { return Ok(()) };
    let mode = Mode::from_raw_mode(if item.program { 0o755 } else { 0o644 });
    let new = openat(folder.as_ref().unwrap_or(top), name, NEW, mode)?;
    fchmod(&new, mode)?; // whatever the umask is
    io::copy(content, &mut File::from(new))?;
    Ok(())
}
