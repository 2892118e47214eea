//! Where uploads lie: `<data>/uploads/<sha256>`, each checked to its end before it has that name.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{ArchiveError, Kind, Limits, guard::Guard, guard::too_large, tar, unpacked::Unpacked, walk};

/// The folder of uploads.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join("uploads")
}

/// Where the archive with this digest lies; none for what is no digest.
#[must_use]
pub fn place(data: &Path, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then(|| folder(data).join(digest))
}

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// `sha256` of the archive, hexadecimal.
    pub digest: String,
    /// Its size.
    pub bytes: u64,
}

/// The pieces of an archive as they come; none when it ends.
pub type Incoming = mpsc::Receiver<io::Result<Bytes>>;

/// Takes an archive, checks it while it comes, and keeps it. `name`: random text for the time
/// until it has a digest. Blocks: call it beside the async threads.
///
/// # Errors
/// See [`ArchiveError`]; nothing is left behind.
pub fn receive(data: &Path, name: &str, incoming: Incoming, limits: Limits) -> Result<Stored, ArchiveError> {
    let folder = folder(data);
    fs::create_dir_all(&folder).map_err(ArchiveError::Io)?;
    let half = folder.join(format!("{name}.half"));
    let result = take(&folder, &half, incoming, limits);
    if result.is_err() {
        let _ = fs::remove_file(&half);
    }
    result
}

fn take(folder: &Path, half: &Path, incoming: Incoming, limits: Limits) -> Result<Stored, ArchiveError> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(half);
    let mut kept = Kept {
        file: file.map_err(ArchiveError::Io)?,
        digest: Sha256::new(),
        bytes: 0,
        limit: limits.archive,
        incoming,
        piece: Bytes::new(),
    };
    let mut head = Vec::with_capacity(4);
    kept.by_ref().take(4).read_to_end(&mut head)?;
    let kind = Kind::of(&head)?;
    let mut pass = |_: &super::Item, _: &mut dyn Read| Ok(());
    let begun = io::Cursor::new(head);
    let mut guard = Guard::new(limits);
    match kind {
        Kind::Tar => tar::walk(begun.chain(&mut kept), &mut guard, &mut pass)?,
        Kind::TarGz => tar::walk(Unpacked::new(begun.chain(&mut kept)), &mut guard, &mut pass)?,
        // Its directory is at its end: checked as soon as that is there.
        Kind::Zip => {
            io::copy(&mut kept, &mut io::sink())?;
            let again = kept.file.try_clone().map_err(ArchiveError::Io)?;
            walk(io::BufReader::new(again), limits, &mut pass)?;
        }
    }
    if kind != Kind::Zip {
        guard.finish()?;
    }
    // What a decoder did not want to see belongs to the digest all the same.
    io::copy(&mut kept, &mut io::sink())?;
    let Kept { file, digest, bytes, .. } = kept;
    file.sync_all().map_err(ArchiveError::Io)?;
    let digest = hex::encode(digest.finalize());
    fs::rename(half, folder.join(&digest)).map_err(ArchiveError::Io)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(ArchiveError::Io)?;
    Ok(Stored { digest, bytes })
}

/// Gives the pieces on as they come, and keeps each.
struct Kept {
    file: File,
    digest: Sha256,
    bytes: u64,
    limit: u64,
    incoming: Incoming,
    piece: Bytes,
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            let Some(piece) = self.incoming.blocking_recv() else { return Ok(0) };
            let piece = piece?;
            self.bytes += piece.len() as u64;
            if self.bytes > self.limit {
                return Err(too_large(format!("is larger than {} MiB", self.limit >> 20)));
            }
            self.file.write_all(&piece)?;
            self.digest.update(&piece);
            self.piece = piece;
        }
        let count = buffer.len().min(self.piece.len());
        buffer[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}

/// Removes archives that no app names any more, and halves that nobody finished, once they are
/// older than `age`. Blocks.
///
/// # Errors
/// The folder cannot be read.
pub fn sweep(data: &Path, needed: &BTreeSet<String>, now: SystemTime, age: Duration) -> io::Result<u64> {
    let entries = match fs::read_dir(folder(data)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut gone = 0;
    for entry in entries {
        let entry = entry?;
        let changed = entry.metadata().and_then(|about| about.modified())?;
        let old = now.duration_since(changed).is_ok_and(|since| since > age);
        let wanted = entry.file_name().to_str().is_some_and(|name| needed.contains(name));
        if old && !wanted && fs::remove_file(entry.path()).is_ok() {
            gone += 1;
        }
    }
    Ok(gone)
}
