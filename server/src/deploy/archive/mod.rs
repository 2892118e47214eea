//! Uploaded archives: read by our own hand, entry by entry, so that nothing in them is believed.
//!
//! The same reading checks an archive while it comes in and lays its files out later: what was
//! checked is what is laid. Paths are relative and plain; links, devices and all other kinds of
//! entries are refused; sizes, counts and the ratio of packing are bounded (S10, cases 137 to 140).
//!
//! To add a format: a file with its `walk`, its magic in [`Kind::of`], its arm in [`walk`].

mod guard;
mod lay;
mod pax;
mod store;
mod tar;
#[cfg(test)]
mod tests;
mod unpacked;
mod zip;

use std::io::{self, Read, Seek};

use crate::domain::{fault::Wrong, name::RelPath};

pub use lay::lay;
pub use store::{Incoming, Stored, folder, place, receive, sweep};

/// Bounds of one archive.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes as it comes.
    pub archive: u64,
    /// Bytes of all files, unpacked.
    pub bytes: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Number of entries.
    pub entries: u64,
}

/// The bounds of every upload.
pub const LIMITS: Limits = Limits { archive: 256 << 20, bytes: 2 << 30, file: 512 << 20, entries: 200_000 };

/// What is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it belongs; empty for the top folder.
    pub path: RelPath,
    /// It is a folder.
    pub folder: bool,
    /// Its owner may run it.
    pub program: bool,
}

/// Takes an entry and its content; what it leaves is passed over.
pub type Visit<'v> = dyn FnMut(&Item, &mut dyn Read) -> io::Result<()> + 'v;

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The archive is at fault.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// It could not be read or written here.
    #[error("{0}")]
    Io(io::Error),
}

/// Reading meets faults of the archive as errors of input, in the middle of a decoder.
impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        if let Some(wrong) = error.get_ref().and_then(|inner| inner.downcast_ref::<Wrong>()) {
            return Self::Wrong(wrong.clone());
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Self::Wrong(Wrong::coded("archive_damaged", "ends too early: send it again"))
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Self::Wrong(Wrong::coded("archive_damaged", "is damaged: pack it again"))
            }
            _ => Self::Io(error),
        }
    }
}

/// A fault of the archive as an error of input.
fn fault(wrong: Wrong) -> io::Error {
    io::Error::other(wrong)
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tar,
    TarGz,
    Zip,
}

impl Kind {
    /// By its first bytes.
    fn of(head: &[u8]) -> Result<Self, Wrong> {
        match head {
            [0x1f, 0x8b, ..] => Ok(Self::TarGz),
            [b'P', b'K', 3, 4, ..] => Ok(Self::Zip),
            [b'P', b'K', 5, 6, ..] => Err(Wrong::coded("archive_empty", "holds no files")),
            [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                Err(Wrong::coded("archive_format", "must be packed by gzip: `tar -czf app.tar.gz .`"))
            }
            _ => Ok(Self::Tar),
        }
    }
}

/// Reads a stored archive from its beginning.
///
/// # Errors
/// See [`ArchiveError`].
fn walk<R: Read + Seek>(mut archive: R, limits: Limits, visit: &mut Visit<'_>) -> Result<(), ArchiveError> {
    archive.rewind()?;
    let mut head = Vec::with_capacity(4);
    archive.by_ref().take(4).read_to_end(&mut head)?;
    archive.rewind()?;
    let mut guard = guard::Guard::new(limits);
    match Kind::of(&head)? {
        Kind::Tar => tar::walk(archive, &mut guard, visit)?,
        Kind::TarGz => tar::walk(unpacked::Unpacked::new(archive), &mut guard, visit)?,
        Kind::Zip => zip::walk(archive, &mut guard, visit)?,
    }
    guard.finish().map_err(Into::into)
}
