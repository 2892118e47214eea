//! The folder that a build sees, sent as a tar stream while it is read.
//!
//! Links are sent as links and never followed, so nothing outside the folder can get in; devices,
//! pipes and sockets are left out.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Read,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use hyper::body::Frame;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{BuildError, dockerignore::Ignore};

/// Bytes sent at once.
const PIECE: usize = 64 * 1024;
/// What a file costs beside its bytes: header and padding.
const PER_FILE: u64 = 1024;

/// All that will be sent.
#[derive(Debug)]
pub(super) struct Context {
    /// Where the folder is put.
    below: &'static str,
    entries: Vec<(String, PathBuf)>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Context {
    /// Looks through `folder`, and adds `files`, which come before the folder's own.
    ///
    /// # Errors
    /// `context_too_large` over `limit` bytes, `context_unreadable`.
    pub(super) fn collect(
        folder: &Path,
        ignore: &str,
        files: BTreeMap<String, Vec<u8>>,
        limit: u64,
    ) -> Result<Self, BuildError> {
        let ignore = Ignore::parse(ignore);
        let mut entries = Vec::new();
        let mut size = files.values().map(|file| PER_FILE + file.len() as u64).sum::<u64>();
        let mut folders = vec![(String::new(), folder.to_owned())];
        while let Some((name, folder)) = folders.pop() {
            for item in fs::read_dir(&folder).map_err(|error| unreadable(&name, &error))? {
                let item = item.map_err(|error| unreadable(&name, &error))?;
                let Ok(own_name) = item.file_name().into_string() else {
                    return Err(unreadable(&name, &io::Error::other("a file name is not valid UTF-8")));
                };
                let path = if name.is_empty() { own_name } else { format!("{name}/{own_name}") };
                let about = item.path().symlink_metadata().map_err(|error| unreadable(&path, &error))?;
                let out = ignore.leaves_out(&path) || files.contains_key(&path);
                if about.is_dir() && (!out || ignore.takes_back()) {
                    folders.push((path.clone(), item.path()));
                }
                if out || !(about.is_dir() || about.is_file() || about.is_symlink()) {
                    continue;
                }
                size += PER_FILE + if about.is_file() { about.len() } else { 0 };
                if size > limit {
                    return Err(BuildError::Failed {
                        code: "context_too_large",
                        message: format!(
                            "the build context is over {} MiB: leave out what the build does not need with a \
                             .dockerignore, or choose a smaller context folder",
                            limit >> 20
                        ),
                    });
                }
                entries.push((path, item.path()));
            }
        }
        // The same folder gives the same stream.
        entries.sort();
        Ok(Self { below: "", entries, files })
    }

    /// The folder is put under this one, which is there even if nothing is in it.
    pub(super) fn below(self, below: &'static str) -> Self {
        Self { below, ..self }
    }

    /// Tells `hash` all that counts of what would be sent: times do not, as for the builder's cache.
    pub(super) fn print(&self, hash: &mut Sha256) -> io::Result<()> {
        let part = |hash: &mut Sha256, kind: &str, name: &str, size: u64| {
            hash.update(format!("{kind} {name:?} {size}\n"));
        };
        for (name, bytes) in &self.files {
            part(hash, "file", name, bytes.len() as u64);
            hash.update(bytes);
        }
        for (name, path) in &self.entries {
            let about = path.symlink_metadata()?;
            if about.is_symlink() {
                let target = fs::read_link(path)?.into_os_string().into_encoded_bytes();
                part(hash, "link", name, target.len() as u64);
                hash.update(target);
            } else if about.is_dir() {
                part(hash, "folder", name, 0);
            } else {
                let (size, mut bytes) = open(path)?;
                part(hash, if about.mode() & 0o100 == 0 { "file" } else { "program" }, name, size);
                io::copy(&mut bytes, hash)?;
            }
        }
        Ok(())
    }

    /// Sends it as a tar stream. Reading stops when the stream is dropped.
    pub(super) fn stream(self) -> ReceiverStream<io::Result<Frame<Bytes>>> {
        let (sender, receiver) = mpsc::channel(8);
        tokio::task::spawn_blocking(move || {
            let pipe = Pipe { sender: Some(sender.clone()), piece: Vec::with_capacity(PIECE) };
            if let Err(error) = self.write(pipe) {
                drop(sender.blocking_send(Err(error)));
            }
        });
        ReceiverStream::new(receiver)
    }

    fn write(self, pipe: Pipe) -> io::Result<()> {
        let mut tar = tar::Builder::new(pipe);
        tar.follow_symlinks(false);
        let result = self.files.iter().try_for_each(|(path, bytes)| {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, bytes.as_slice())
        });
        let below = Path::new(self.below);
        let result =
            result.and_then(|()| if self.below.is_empty() { Ok(()) } else { folder(&mut tar, below) });
        let result = result.and_then(|()| {
            self.entries.iter().try_for_each(|(name, path)| append(&mut tar, &below.join(name), path))
        });
        if result.is_err() {
            // A broken stream must not look like a whole one: nothing more is written, no end marker.
            tar.get_mut().sender = None;
            return result;
        }
        io::Write::flush(&mut tar.into_inner()?)
    }
}

fn folder(tar: &mut tar::Builder<Pipe>, name: &Path) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o755);
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    tar.append_data(&mut header, name.join(""), io::empty())
}

fn append(tar: &mut tar::Builder<Pipe>, name: &Path, path: &Path) -> io::Result<()> {
    let about = path.symlink_metadata()?;
    let mut header = tar::Header::new_gnu();
    header.set_mtime(u64::try_from(about.mtime()).unwrap_or_default());
    // Owners are this machine's business; only what git keeps of a mode counts.
    header.set_mode(if about.is_dir() || about.mode() & 0o100 != 0 { 0o755 } else { 0o644 });
    if about.is_symlink() {
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        header.set_mode(0o777);
        return tar.append_link(&mut header, name, fs::read_link(path)?);
    }
    if about.is_dir() {
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        return tar.append_data(&mut header, name.join(""), io::empty());
    }
    let (size, bytes) = open(path)?;
    header.set_size(size);
    tar.append_data(&mut header, name, bytes)
}

/// A file's size, and exactly as many bytes: one that grows or shrinks while it is read would break
/// the stream.
fn open(path: &Path) -> io::Result<(u64, impl Read)> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = fs::OpenOptions::new().read(true).custom_flags(no_follow).open(path)?;
    let size = file.metadata()?.len();
    Ok((size, file.take(size).chain(io::repeat(0)).take(size)))
}

pub(super) fn unreadable(path: &str, error: &io::Error) -> BuildError {
    BuildError::Failed {
        code: "context_unreadable",
        message: format!("the build context cannot be read at '{path}': {error}"),
    }
}

/// Takes bytes on a thread and gives them to the stream.
struct Pipe {
    /// None once the stream is broken.
    sender: Option<mpsc::Sender<io::Result<Frame<Bytes>>>>,
    piece: Vec<u8>,
}

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        if piece.is_empty() {
            return Ok(());
        }
        let Some(sender) = &self.sender else { return Ok(()) };
        let sent = sender.blocking_send(Ok(Frame::data(piece.into())));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads the context"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use futures::StreamExt;

    use super::*;

    async fn sent(context: Context) -> BTreeMap<String, (tar::EntryType, String)> {
        let pieces: Vec<_> = context.stream().collect().await;
        let bytes: Vec<u8> =
            pieces.into_iter().flat_map(|piece| piece.unwrap().into_data().unwrap().to_vec()).collect();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = BTreeMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let kind = entry.header().entry_type();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            if let Some(target) = entry.link_name().unwrap() {
                text = target.to_str().unwrap().to_owned();
            }
            seen.insert(path, (kind, text));
        }
        seen
    }

    #[tokio::test]
    async fn links_are_kept_and_never_followed() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        fs::create_dir(top.join("src")).unwrap();
        fs::write(top.join("src/main"), "hello").unwrap();
        fs::write(top.join("skip.log"), "x").unwrap();
        symlink("/etc/passwd", top.join("out")).unwrap();
        symlink("/etc", top.join("etc")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, top.join("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
            .unwrap();
        let files = BTreeMap::from([("added".to_owned(), b"more".to_vec())]);
        let seen = sent(Context::collect(top, "*.log", files, 1 << 20).unwrap()).await;
        let names: Vec<&str> = seen.keys().map(String::as_str).collect();
        assert_eq!(names, ["added", "etc", "out", "src/", "src/main"]);
        assert_eq!(seen["out"], (tar::EntryType::Symlink, "/etc/passwd".to_owned()));
        assert_eq!(seen["src/main"].1, "hello");
    }

    #[test]
    fn case_049_a_context_over_its_limit_is_refused_before_it_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("big"), vec![0; 3 << 20]).unwrap();
        let error = Context::collect(dir.path(), "", BTreeMap::new(), 2 << 20).unwrap_err();
        assert!(matches!(error, BuildError::Failed { code: "context_too_large", .. }), "{error}");
        assert!(Context::collect(dir.path(), "big", BTreeMap::new(), 2 << 20).is_ok());
    }

    #[tokio::test]
    async fn a_file_that_vanishes_breaks_the_stream() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "x").unwrap();
        let context = Context::collect(dir.path(), "", BTreeMap::new(), 1 << 20).unwrap();
        fs::remove_file(dir.path().join("a")).unwrap();
        let pieces: Vec<_> = context.stream().collect().await;
        assert!(pieces.last().is_some_and(Result::is_err));
    }
}
