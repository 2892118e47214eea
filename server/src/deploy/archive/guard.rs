//! What every format has to pass: the rule for paths, and the counts.

use std::{collections::HashSet, io};

use super::{Limits, fault};
use crate::domain::{fault::Wrong, name::RelPath};

/// Bytes of all paths together, which are held while the archive is read.
const PATHS: usize = 32 << 20;
/// Bytes of one part of a path (Linux: NAME_MAX).
const PART: usize = 255;

/// Counts, and refuses.
#[derive(Debug)]
pub(super) struct Guard {
    limits: Limits,
    bytes: u64,
    entries: u64,
    paths: usize,
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Guard {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, bytes: 0, entries: 0, paths: 0, files: HashSet::new(), folders: HashSet::new() }
    }

    /// One more entry, of whatever kind.
    pub(super) fn count(&mut self) -> io::Result<()> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            let most = self.limits.entries;
            return Err(too_large(format!("holds more than {most} entries: leave out what is not needed")));
        }
        Ok(())
    }

    /// The path of a file or folder. A name that is there already is refused: which of the two
    /// counts would be the reader's choice.
    pub(super) fn path(&mut self, raw: &[u8], folder: bool) -> io::Result<RelPath> {
        let wrong = || {
            Wrong::coded(
                "archive_path",
                "holds a path that is absolute, leads out by `..`, has a `\\` or a control character, or is \
                 too long: pack the app's own folder, `tar -czf app.tar.gz -C my-app .`",
            )
        };
        let text = std::str::from_utf8(raw).map_err(|_| fault(wrong()))?;
        let path = RelPath::parse(text).map_err(|_| fault(wrong()))?;
        let parts: Vec<&str> = path.as_str().split('/').collect();
        if parts.iter().any(|part| part.len() > PART) || (path.as_str().is_empty() && !folder) {
            return Err(fault(wrong()));
        }
        self.paths += path.as_str().len();
        if self.paths > PATHS {
            return Err(too_large("has too long paths together".to_owned()));
        }
        let mut above = String::new();
        for part in &parts[..parts.len() - 1] {
            if !above.is_empty() {
                above.push('/');
            }
            above.push_str(part);
            if self.files.contains(&above) {
                return Err(twice(&path));
            }
            if !self.folders.contains(&above) {
                self.folders.insert(above.clone());
            }
        }
        let text = path.as_str().to_owned();
        let new = match folder {
            true if self.files.contains(&text) => false,
            // A folder may be named twice.
            true => {
                self.folders.insert(text);
                true
            }
            false => !self.folders.contains(&text) && self.files.insert(text),
        };
        if new { Ok(path) } else { Err(twice(&path)) }
    }

    /// The size of a file, before a byte of it is read.
    pub(super) fn size(&mut self, size: u64) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(size);
        if size > self.limits.file {
            return Err(too_large(format!("holds a file of more than {} MiB", self.limits.file >> 20)));
        }
        if self.bytes > self.limits.bytes {
            let most = self.limits.bytes >> 20;
            return Err(too_large(format!("holds more than {most} MiB: leave out what is not needed")));
        }
        Ok(())
    }

    /// At the end: something must have been in it.
    pub(super) fn finish(&self) -> Result<(), Wrong> {
        if self.files.is_empty() { Err(Wrong::coded("archive_empty", "holds no files")) } else { Ok(()) }
    }
}

pub(super) fn too_large(message: String) -> io::Error {
    fault(Wrong::coded("archive_too_large", message))
}

fn twice(path: &RelPath) -> io::Error {
    fault(Wrong::coded("archive_path", format!("holds `{path}` twice: pack it again")))
}
