//! The files of a commit, from the mirror into an empty folder, by our own hand.
//!
//! Git only hands over contents by their ids (`cat-file --batch`). There is no working tree and
//! no index of git's, so no filter, attribute, hook or file system monitor can come into play,
//! and every path that is made is one that `listing` has looked at. Links are made last and
//! never replace anything, so no path leads through one.

use std::{
    collections::BTreeSet,
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tokio::{
    fs,
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{ChildStdin, ChildStdout},
};
use tokio_util::sync::CancellationToken;

use super::super::GitError;
use super::{
    failure,
    group::Group,
    listing::{Entry, Kind, shown},
    mirror::Mirror,
    sandbox::Sandbox,
};
use crate::domain::name::Sha;

/// Bytes of a link's target (Linux: PATH_MAX).
const LONGEST_LINK: u64 = 4096;

/// Writes all `files` into `into`.
pub(super) async fn all(
    sandbox: &Sandbox,
    mirror: &Mirror,
    files: &[Entry],
    into: &Path,
    stop: &CancellationToken,
) -> Result<(), GitError> {
    folders(files, into).await?;
    let mut group = Group::start(sandbox.git(Some(mirror.folder()), &["cat-file", "--batch"]))?;
    let (ask, answers) = group.pipes().map_err(failure::from_io)?;
    let mut contents = Contents { ask, answers: BufReader::new(answers) };
    let (links, plain): (Vec<&Entry>, Vec<&Entry>) = files.iter().partition(|file| file.kind == Kind::Link);
    for file in plain.into_iter().chain(links) {
        let done = tokio::select! {
            () = stop.cancelled() => return Err(GitError::Cancelled),
            done = contents.write(file, into) => done,
        };
        done.map_err(|error| told(&error, file))?;
    }
    Ok(())
}

/// Leaves nothing in `folder`. What cannot be removed is left to the caller, whose folder it is.
pub(super) async fn empty(folder: &Path) {
    let Ok(mut entries) = fs::read_dir(folder).await else { return };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let path = entry.path();
        if fs::remove_file(&path).await.is_err() {
            let _ = fs::remove_dir_all(&path).await;
        }
    }
}

async fn folders(files: &[Entry], into: &Path) -> Result<(), GitError> {
    let parents: BTreeSet<PathBuf> =
        files.iter().filter_map(|file| file.path.parent().map(Path::to_owned)).collect();
    for parent in parents {
        fs::create_dir_all(into.join(parent)).await.map_err(failure::from_io)?;
    }
    Ok(())
}

fn told(error: &io::Error, file: &Entry) -> GitError {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            failure::refused(
                "invalid_tree",
                format!(
                    "the commit has `{}` in a way that no file system can hold: {error}",
                    shown(&file.path)
                ),
            )
        }
        _ => GitError::Unreachable(format!("`{}` could not be written: {error}", shown(&file.path))),
    }
}

/// A conversation with `git cat-file --batch`.
struct Contents {
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Contents {
    async fn write(&mut self, file: &Entry, into: &Path) -> io::Result<()> {
        self.open(&file.blob, file.size).await?;
        let path = into.join(&file.path);
        if file.kind == Kind::Link {
            self.link(file, &path).await?;
        } else {
            let mode = if file.kind == Kind::Program { 0o755 } else { 0o644 };
            let mut output =
                fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).await?;
            let copied = tokio::io::copy_buf(&mut (&mut self.answers).take(file.size), &mut output).await?;
            output.flush().await?;
            output.set_permissions(std::fs::Permissions::from_mode(mode)).await?; // whatever the umask is
            if copied != file.size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        match self.answers.read_u8().await? {
            b'\n' => Ok(()),
            _ => Err(io::Error::other("git gave more than it said")),
        }
    }

    /// Asks for a content and reads the line before it: `<id> blob <size>`.
    async fn open(&mut self, blob: &Sha, size: u64) -> io::Result<()> {
        self.ask.write_all(format!("{blob}\n").as_bytes()).await?;
        let mut line = String::new();
        (&mut self.answers).take(256).read_line(&mut line).await?;
        if line.trim_end() == format!("{blob} blob {size}") {
            Ok(())
        } else {
            Err(io::Error::other("git does not have what the commit lists"))
        }
    }

    async fn link(&mut self, file: &Entry, path: &Path) -> io::Result<()> {
        use std::os::unix::ffi::OsStringExt as _;
        if file.size > LONGEST_LINK {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        let mut target = Vec::new();
        (&mut self.answers).take(file.size).read_to_end(&mut target).await?;
        fs::symlink(PathBuf::from(std::ffi::OsString::from_vec(target)), path).await
    }
}
