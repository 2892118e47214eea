//! Tar: ustar, pax and GNU long names; files and folders only.
//!
//! One size counts, that of the header. An extended header that says otherwise would make two
//! readers see two archives (as in CVE-2025-62518), and is refused.

use std::io::{self, Read};

use ::tar::{EntryType, Header};

use super::{Item, Visit, fault, guard::Guard, pax};
use crate::domain::fault::Wrong;

const BLOCK: usize = 512;
/// Bytes of one extended header.
const EXTENDED: u64 = 1 << 20;

/// Reads a whole tar to its end.
pub(super) fn walk(mut tar: impl Read, guard: &mut Guard, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut extended = pax::Extended::default();
    loop {
        let mut block = [0; BLOCK];
        tar.read_exact(&mut block)?;
        if block == [0; BLOCK] {
            return nothing_follows(tar);
        }
        let header = Header::from_byte_slice(&block);
        genuine(header, &block)?;
        guard.count()?;
        let size = header.entry_size().map_err(|_| fault(neither()))?;
        match header.entry_type() {
            EntryType::XHeader => {
                let more = pax::read(&body(&mut tar, size)?).map_err(fault)?;
                extended =
                    pax::Extended { path: more.path.or(extended.path), size: more.size.or(extended.size) };
            }
            EntryType::XGlobalHeader => {
                // `git archive` notes its commit in one; anything that changes entries is refused.
                let global = pax::read(&body(&mut tar, size)?).map_err(fault)?;
                if global != pax::Extended::default() {
                    return Err(fault(kind("a header that changes all entries")));
                }
            }
            EntryType::GNULongName => {
                let mut name = body(&mut tar, size)?;
                while name.last() == Some(&0) {
                    name.pop();
                }
                extended.path = Some(name);
            }
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => {
                let about = std::mem::take(&mut extended);
                if about.size.is_some_and(|told| told != size) {
                    let message = "has an entry with two sizes: pack it again";
                    return Err(fault(Wrong::coded("archive_damaged", message)));
                }
                entry(&mut tar, header, about.path, size, guard, visit)?;
            }
            EntryType::Symlink | EntryType::Link | EntryType::GNULongLink => {
                let message = "holds a link: leave it out, or pack what it leads to (`tar --dereference \
                               --hard-dereference -czf app.tar.gz .`)";
                return Err(fault(Wrong::coded("archive_link", message)));
            }
            _ => return Err(fault(kind("a device, a pipe or a sparse file"))),
        }
    }
}

fn entry(
    tar: &mut impl Read,
    header: &Header,
    path: Option<Vec<u8>>,
    size: u64,
    guard: &mut Guard,
    visit: &mut Visit<'_>,
) -> io::Result<()> {
    let raw = path.unwrap_or_else(|| header.path_bytes().into_owned());
    // Before ustar a folder was a file whose name ends with `/`.
    let folder = header.entry_type() == EntryType::Directory || raw.ends_with(b"/");
    if folder && size > 0 {
        return Err(fault(kind("a folder with content")));
    }
    let path = guard.path(&raw, folder)?;
    guard.size(size)?;
    let program = header.mode().is_ok_and(|mode| mode & 0o100 != 0);
    let mut content = tar.take(size);
    visit(&Item { path, folder, program }, &mut content)?;
    io::copy(&mut content, &mut io::sink())?;
    if content.limit() > 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    pad(tar, size)
}

/// The content of an extended header.
fn body(tar: &mut impl Read, size: u64) -> io::Result<Vec<u8>> {
    if size > EXTENDED {
        return Err(fault(kind("an extended header of more than 1 MiB")));
    }
    let mut body = vec![0; usize::try_from(size).unwrap_or_default()];
    tar.read_exact(&mut body)?;
    pad(tar, size)?;
    Ok(body)
}

fn pad(tar: &mut impl Read, size: u64) -> io::Result<()> {
    let rest = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    let mut padding = [0; BLOCK];
    if rest > 0 { tar.read_exact(&mut padding[rest..]) } else { Ok(()) }
}

/// The sum over the header's bytes, its own field taken as blanks, is what the field says.
fn genuine(header: &Header, block: &[u8; BLOCK]) -> io::Result<()> {
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) })
        .sum();
    if header.cksum().is_ok_and(|told| told == sum) { Ok(()) } else { Err(fault(neither())) }
}

/// After the end there is padding only, as far as the writer's record goes.
fn nothing_follows(mut tar: impl Read) -> io::Result<()> {
    let mut piece = [0; 8192];
    loop {
        match tar.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) if piece[..count].iter().all(|byte| *byte == 0) => {}
            Ok(_) => {
                let message = "goes on after its end: pack it again";
                return Err(fault(Wrong::coded("archive_damaged", message)));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn neither() -> Wrong {
    Wrong::coded("archive_format", "is damaged, or neither tar, tar.gz nor zip: `tar -czf app.tar.gz .`")
}

fn kind(what: &str) -> Wrong {
    Wrong::coded("archive_entry", format!("holds {what}: pack plain files and folders only"))
}
