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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_functions_give_files() {
        let map = BTreeMap::from([("a".to_owned(), b"1".to_vec())]);
        assert_eq!(map.read("a").as_deref(), Ok(&b"1"[..]));
        assert_eq!(map.read("b"), Err(Missing::Absent));
        let later = |_: &str| Err(Missing::Later);
        assert_eq!(later.read("x"), Err(Missing::Later));
    }
}
