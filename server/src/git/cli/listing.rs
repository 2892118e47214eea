//! What a commit holds, checked against the limits before a byte of it is written.

use std::{ffi::OsString, os::unix::ffi::OsStringExt as _, path::PathBuf};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio_util::sync::CancellationToken;

use super::super::{GitError, Limits};
use super::{failure, group::Group, mirror::Mirror, sandbox::Sandbox};
use crate::domain::name::Sha;

/// What an entry becomes on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Mode 0644.
    File,
    /// Mode 0755.
    Program,
    /// A symbolic link, kept as it is.
    Link,
}

/// A file or link of the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it becomes.
    pub(super) kind: Kind,
    /// The id of its content.
    pub(super) blob: Sha,
    /// Bytes of its content.
    pub(super) size: u64,
    /// Where it lies: relative, plain parts only, bytes as in the commit.
    pub(super) path: PathBuf,
}

/// Bytes of one line: the longest path and what stands before it.
const LONGEST: usize = 8192;

/// Reads the list of files as git gives it, and stops at the first that is too much.
pub(super) async fn read(
    sandbox: &Sandbox,
    mirror: &Mirror,
    commit: &Sha,
    limits: Limits,
    stop: &CancellationToken,
) -> Result<Vec<Entry>, GitError> {
    let args = ["ls-tree", "-r", "-z", "-l", "--full-tree", commit.as_str()];
    let mut group = Group::start(sandbox.git(Some(mirror.folder()), &args))?;
    let (_, out) = group.pipes().map_err(failure::from_io)?;
    let mut out = BufReader::new(out);
    let mut list = Vec::new();
    let mut bytes = 0_u64;
    loop {
        let mut line = Vec::new();
        let got = tokio::select! {
            () = stop.cancelled() => return Err(GitError::Cancelled),
            got = out.read_until(0, &mut line) => got.map_err(failure::from_io)?,
        };
        if got == 0 {
            break;
        }
        line.pop();
        let entry = parse(&line)?;
        bytes = bytes.saturating_add(entry.size);
        list.push(entry);
        let last = &list[list.len() - 1];
        if list.len() as u64 > limits.files {
            return Err(too_large(format!("it has more than {} files", limits.files)));
        }
        if last.size > limits.file_bytes {
            let limit = limits.file_bytes >> 20;
            return Err(too_large(format!("`{}` has more than {limit} MiB", shown(&last.path))));
        }
        if bytes > limits.bytes {
            return Err(too_large(format!("its files have more than {} MiB", limits.bytes >> 20)));
        }
    }
    let said = group.say(0, stop).await?;
    if said.status.success() { Ok(list) } else { Err(failure::read(&said.errors)) }
}

fn too_large(why: String) -> GitError {
    failure::refused(
        "source_too_large",
        format!("the source is too large: {why}; remove large files from it"),
    )
}

/// A path as text for people: odd bytes and control characters escaped (case 50).
pub(super) fn shown(path: &std::path::Path) -> String {
    path.to_string_lossy().escape_debug().take(200).collect()
}

/// `100644 blob <id> <size>\t<path>`
fn parse(line: &[u8]) -> Result<Entry, GitError> {
    let odd = || failure::refused("invalid_tree", "the commit's list of files is damaged");
    if line.len() > LONGEST {
        return Err(odd());
    }
    let tab = line.iter().position(|b| *b == b'\t').ok_or_else(odd)?;
    let (left, path) = (std::str::from_utf8(&line[..tab]).map_err(|_| odd())?, &line[tab + 1..]);
    let words: Vec<&str> = left.split_ascii_whitespace().collect();
    let [mode, kind, blob, size] = words[..] else { return Err(odd()) };
    let path = PathBuf::from(OsString::from_vec(path.to_vec()));
    if mode == "160000" || kind == "commit" {
        return Err(failure::refused(
            "submodule_not_fetched",
            format!(
                "`{}` is a submodule, and submodules are not fetched: commit its files, or deploy an image built elsewhere",
                shown(&path)
            ),
        ));
    }
    if !is_plain(&path) {
        return Err(failure::refused(
            "path_outside_repository",
            format!("the commit has a file with the path `{}`, which leads elsewhere", shown(&path)),
        ));
    }
    let kind = match mode {
        "120000" => Kind::Link,
        "100755" => Kind::Program,
        "100644" | "100664" => Kind::File,
        _ => return Err(odd()),
    };
    Ok(Entry {
        kind,
        blob: Sha::parse(blob).map_err(|_| odd())?,
        size: size.parse().map_err(|_| odd())?,
        path,
    })
}

/// No part is empty, `.`, `..` or git's own folder.
fn is_plain(path: &std::path::Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str()
        .as_bytes()
        .split(|b| *b == b'/')
        .all(|part| !part.is_empty() && part != b"." && part != b".." && !part.eq_ignore_ascii_case(b".git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &[u8]) -> &'static str {
        match parse(line) {
            Ok(_) => "ok",
            Err(GitError::Refused { code, .. }) => code,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn entries_are_read_and_odd_ones_refused() {
        let id = "0123456789012345678901234567890123456789";
        let line = |mode: &str, kind: &str, size: &str, path: &[u8]| {
            [format!("{mode} {kind} {id} {size}\t").as_bytes(), path].concat()
        };
        let entry = parse(&line("100755", "blob", "    12", b"bin/a b\n\xff")).unwrap();
        assert_eq!((entry.kind, entry.size), (Kind::Program, 12));
        assert_eq!(shown(&entry.path), "bin/a b\\n\u{fffd}");
        for path in
            [b"../x".as_slice(), b"/etc/x", b"a//b", b"a/./b", b".git/hooks/x", b"a/.GIT/x", b"", b"a/.."]
        {
            assert_eq!(code(&line("100644", "blob", "1", path)), "path_outside_repository");
        }
        assert_eq!(code(&line("160000", "commit", "-", b"lib")), "submodule_not_fetched");
        assert_eq!(code(&line("100644", "blob", "-", b"a")), "invalid_tree");
        assert_eq!(code(&line("040000", "tree", "1", b"a")), "invalid_tree");
        assert_eq!(code(b"junk"), "invalid_tree");
    }
}
