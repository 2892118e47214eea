//! Zip (APPNOTE 6.3.10): stored and deflated files and folders; no encryption, no zip64.
//!
//! The directory at the end and the header before each file must say the same: else two readers
//! would see two archives. Files must lie one after the other: overlapping ones are bombs.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::{CrcReader, read::DeflateDecoder};

use super::{
    Item, Visit, fault,
    guard::Guard,
    unpacked::{RATIO, SMALL, bomb},
};
use crate::domain::fault::Wrong;

const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Flags that change nothing for us: level of packing, sizes after the data, names in UTF-8.
const HARMLESS: u16 = 0b110 | 1 << 3 | 1 << 11;

/// A line of the directory.
struct Entry {
    name: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    mode: u32,
}

/// Reads a whole zip by its directory, in the order in which the files lie.
pub(super) fn walk(mut zip: impl Read + Seek, guard: &mut Guard, visit: &mut Visit<'_>) -> io::Result<()> {
    let (mut entries, directory) = directory(&mut zip, guard)?;
    entries.sort_by_key(|entry| entry.at);
    let mut free = 0;
    let mut total = 0_u64;
    for entry in &entries {
        if entry.at < free {
            return Err(fault(damaged()));
        }
        zip.seek(SeekFrom::Start(entry.at))?;
        let head = local(&mut zip, entry)?;
        free = entry.at + head + entry.packed;
        if free > directory {
            return Err(fault(damaged()));
        }
        let folder = entry.name.ends_with(b"/");
        kind(entry, folder)?;
        let path = guard.path(&entry.name, folder)?;
        guard.size(entry.size)?;
        total += entry.size;
        if total > SMALL && entry.size / RATIO > entry.packed {
            return Err(bomb());
        }
        let item = Item { path, folder, program: entry.mode & 0o100 != 0 };
        content(&mut zip, entry, &item, visit)?;
    }
    Ok(())
}

fn content(zip: &mut impl Read, entry: &Entry, item: &Item, visit: &mut Visit<'_>) -> io::Result<()> {
    let packed = zip.take(entry.packed);
    let plain: Box<dyn Read> = match entry.method {
        0 if entry.packed == entry.size => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        0 => return Err(fault(damaged())),
        _ => {
            let message = "is packed in a way that is not taken: use `zip -r` as it is, or tar.gz";
            return Err(fault(Wrong::coded("archive_format", message)));
        }
    };
    // One byte more than told is enough to know that it was not the truth.
    let mut summed = CrcReader::new(plain.take(entry.size + 1));
    visit(item, &mut summed)?;
    io::copy(&mut summed, &mut io::sink())?;
    let size = u64::from(summed.crc().amount());
    if size != entry.size || summed.crc().sum() != entry.crc {
        return Err(fault(damaged()));
    }
    Ok(())
}

/// The header before a file says what the directory says; its length.
fn local(zip: &mut impl Read, entry: &Entry) -> io::Result<u64> {
    let mut head = [0; 30];
    zip.read_exact(&mut head)?;
    let (name, extra) = (u16_at(&head, 26), u16_at(&head, 28));
    let mut told = vec![0; usize::from(name)];
    zip.read_exact(&mut told)?;
    io::copy(&mut zip.take(u64::from(extra)), &mut io::sink())?;
    let sizes = (u32_at(&head, 14), u64::from(u32_at(&head, 18)), u64::from(u32_at(&head, 22)));
    let later = entry.flags & 1 << 3 != 0 && sizes == (0, 0, 0);
    let same = head[..4] == LOCAL
        && told == entry.name
        && u16_at(&head, 6) == entry.flags
        && u16_at(&head, 8) == entry.method
        && (later || sizes == (entry.crc, entry.packed, entry.size));
    if same { Ok(30 + u64::from(name) + u64::from(extra)) } else { Err(fault(damaged())) }
}

/// The lines of the directory, and where it begins.
fn directory(zip: &mut (impl Read + Seek), guard: &mut Guard) -> io::Result<(Vec<Entry>, u64)> {
    let length = zip.seek(SeekFrom::End(0))?;
    // The end has 22 bytes and a comment; ours has none, or `git archive`'s commit.
    let tail = length.min(22 + 65_535);
    zip.seek(SeekFrom::Start(length - tail))?;
    let mut bytes = Vec::new();
    zip.by_ref().take(tail).read_to_end(&mut bytes)?;
    let whole = |at: &usize| {
        bytes.get(*at..*at + 4) == Some(&END)
            && bytes.len() == *at + 22 + usize::from(u16_at(&bytes, at + 20))
    };
    let mut ends = (0..bytes.len().saturating_sub(21)).filter(|at| whole(at));
    let at = ends.next().ok_or_else(|| fault(damaged()))?;
    if ends.next().is_some() {
        // Which of two directories counts would be the reader's choice.
        return Err(fault(damaged()));
    }
    let (count, size, start) = (u16_at(&bytes, at + 10), u32_at(&bytes, at + 12), u32_at(&bytes, at + 16));
    let one_disk = u16_at(&bytes, at + 4) == 0 && u16_at(&bytes, at + 6) == 0;
    let end = length - tail + at as u64;
    if count == u16::MAX || start == u32::MAX || !one_disk || u64::from(start) + u64::from(size) != end {
        return Err(fault(damaged()));
    }
    zip.seek(SeekFrom::Start(u64::from(start)))?;
    let mut lines = zip.by_ref().take(u64::from(size));
    let mut entries = Vec::new();
    for _ in 0..count {
        guard.count()?;
        entries.push(line(&mut lines)?);
    }
    if lines.limit() > 0 { Err(fault(damaged())) } else { Ok((entries, u64::from(start))) }
}

fn line(lines: &mut impl Read) -> io::Result<Entry> {
    let mut head = [0; 46];
    lines.read_exact(&mut head)?;
    if head[..4] != ENTRY {
        return Err(fault(damaged()));
    }
    let mut name = vec![0; usize::from(u16_at(&head, 28))];
    lines.read_exact(&mut name)?;
    let rest = u64::from(u16_at(&head, 30)) + u64::from(u16_at(&head, 32));
    io::copy(&mut lines.take(rest), &mut io::sink())?;
    let unix = head[5] == 3;
    Ok(Entry {
        name,
        flags: u16_at(&head, 8),
        method: u16_at(&head, 10),
        crc: u32_at(&head, 16),
        packed: u64::from(u32_at(&head, 20)),
        size: u64::from(u32_at(&head, 24)),
        at: u64::from(u32_at(&head, 42)),
        mode: if unix { u32_at(&head, 38) >> 16 } else { 0 },
    })
}

/// Files and folders only (the upper bits of a mode, as stat(2) has them).
fn kind(entry: &Entry, folder: bool) -> io::Result<()> {
    if entry.flags & !HARMLESS != 0 {
        let message = "is encrypted or packed in a way that is not taken: pack it plainly";
        return Err(fault(Wrong::coded("archive_format", message)));
    }
    match entry.mode & 0o170_000 {
        0 | 0o100_000 if !folder => Ok(()),
        0 | 0o040_000 if folder && entry.size == 0 => Ok(()),
        0o120_000 => {
            let message = "holds a link: pack what it leads to, `zip -r` without `-y`";
            Err(fault(Wrong::coded("archive_link", message)))
        }
        _ => Err(fault(Wrong::coded("archive_entry", "holds a device or a pipe: pack plain files only"))),
    }
}

fn damaged() -> Wrong {
    Wrong::coded("archive_damaged", "is damaged, or its parts do not agree: pack it again")
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}
