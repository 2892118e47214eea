//! A master key that is to become the one: read from a file that nobody else may read.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use super::{Secret32, parse};
use crate::domain::secret::Secret;

/// More than any form of a key has.
const MOST: u64 = 4096;

/// The key in a file; `-` is standard input.
///
/// # Errors
/// It cannot be read, others may read it, or it is no key; the text says what to do.
pub fn read_key(path: &Path) -> Result<Secret32, String> {
    let name = path.display();
    let unread = |error: io::Error| format!("{name} cannot be read: {error}");
    let mut text = String::new();
    if path == Path::new("-") {
        io::stdin().take(MOST).read_to_string(&mut text).map_err(unread)?;
    } else {
        let file = File::open(path).map_err(unread)?;
        let about = file.metadata().map_err(unread)?;
        if !about.is_file() {
            return Err(format!(
                "{name} is not a file: give one with the new key, or `-` for standard input"
            ));
        }
        if about.mode() & 0o077 != 0 {
            return Err(format!("others may read {name}: run `chmod 600` on it"));
        }
        file.take(MOST).read_to_string(&mut text).map_err(unread)?;
    }
    let text = Secret::new(text.trim());
    parse::key(text.expose()).map(Secret32).map_err(|rule| format!("the new key in {name} {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_that_others_may_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new-key");
        let put = |text: &str, mode: u32| {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            read_key(&file).map(|key| key.0)
        };
        let key = "0123456789abcdef".repeat(4);
        assert_eq!(put(&format!("{key}\n"), 0o600).unwrap().to_vec(), hex::decode(&key).unwrap());
        assert!(put(&key, 0o400).is_ok());
        assert!(put(&key, 0o640).unwrap_err().contains("chmod 600"));
        assert!(put("changeme", 0o600).unwrap_err().contains("openssl rand -hex 32"));
        assert!(put(&"00".repeat(32), 0o600).unwrap_err().contains("no random key"));
        assert!(read_key(folder.path()).unwrap_err().contains("is not a file"));
        assert!(read_key(&folder.path().join("none")).unwrap_err().contains("cannot be read"));
    }
}
