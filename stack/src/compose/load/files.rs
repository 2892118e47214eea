//! Further files that the main ones name: `env_file`, `extends`, `include`. The caller has them, or
//! says why not.

use std::{borrow::Cow, collections::BTreeMap};

/// Why a file is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// There is no such file.
    Absent,
    /// It is not known yet: its path stands in [`super::Project::wanted`], and loading again with
    /// it goes further.
    Later,
    /// It may not be read; the reason, as the end of a sentence: "leads out of the repository".
    Refused(String),
}

/// Gives the bytes of files. A path is relative to the project's folder (that of the first main
/// file) and normalised: without `.`, and with `..` only at its beginning. It may be absolute, or
/// lead out of that folder; whether that is allowed is up to whoever implements this.
pub trait Files {
    /// The bytes of one file.
    ///
    /// # Errors
    /// Why there are none.
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, Missing>;
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, Missing> {
        self.get(path).map(|bytes| Cow::Borrowed(bytes.as_slice())).ok_or(Missing::Absent)
    }
}

impl<F: Fn(&str) -> Result<Vec<u8>, Missing>> Files for F {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, Missing> {
        self(path).map(Cow::Owned)
    }
}

/// The path of a file that is named in `folder`, normalised.
pub(super) fn join(folder: &str, path: &str) -> String {
    let whole = if path.starts_with(['/', '~']) || folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let absolute = whole.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

/// The folder that a file is in; empty for the project's own.
pub(super) fn folder(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => "",
    }
}

/// Whether it names something on the network, not a file.
pub(super) fn remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("oci:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (from, path, whole) in [
            ("", "./a", "a"),
            ("", "a/./b//c", "a/b/c"),
            ("", "a/../b", "b"),
            ("", "../a", "../a"),
            ("", "a/../../b", "../b"),
            ("d", "../a", "a"),
            ("d", "../../a", "../a"),
            ("../d", "../a", "../a"),
            ("d", "/a/../../b", "/b"),
            ("/x/y", "../a", "/x/a"),
            ("d", "~/a", "~/a"),
            ("", ".", ""),
            ("", "...", "..."),
        ] {
            assert_eq!(join(from, path), whole, "{from} {path}");
        }
        assert_eq!((folder("a/b/c"), folder("a"), folder("/a")), ("a/b", "", "/"));
        assert!(remote("https://example.com/x.yml") && remote("oci://x") && remote("git@x:y"));
        assert!(!remote("a/b.yml") && !remote("C:\\x"));
    }

    #[test]
    fn maps_and_functions_give_files() {
        let map = BTreeMap::from([("a".to_owned(), b"1".to_vec())]);
        assert_eq!(map.read("a").as_deref(), Ok(&b"1"[..]));
        assert_eq!(map.read("b"), Err(Missing::Absent));
        let later = |_: &str| Err(Missing::Later);
        assert_eq!(later.read("x"), Err(Missing::Later));
    }
}
