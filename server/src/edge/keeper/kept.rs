//! The last good configuration on the node's disk, sealed: it holds the private keys of all hosts.
//!
//! The key is made from the edge's token, which lies in memory alone: who has the disk has nothing. It
//! is written beside, synced and renamed, so that a power cut leaves the old one or the new one.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf, sync::Arc};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::Document;
use crate::domain::{clock::Clock, seal::Seal};

/// What is sealed, so that nothing else is taken for it.
const PLACE: &str = "edge configuration";
/// The name of the file.
const NAME: &str = "configuration";

/// Where it is kept, and the key.
#[derive(Clone)]
pub(super) struct Kept {
    folder: PathBuf,
    seal: Seal,
    clock: Arc<dyn Clock>,
}

impl Kept {
    pub(super) fn new(folder: PathBuf, token: &str, clock: Arc<dyn Clock>) -> Self {
        let key: [u8; 32] = Sha256::digest(format!("skep edge configuration {token}")).into();
        Self { folder, seal: Seal::new(&key), clock }
    }

    /// What was kept last; none, and a line in the log that says why, if it cannot be used.
    pub(super) async fn read(&self) -> Option<Document> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.read_now()).await.ok()?
    }

    fn read_now(&self) -> Option<Document> {
        let path = self.folder.join(NAME);
        let sealed = match std::fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::error!(%error, "The kept configuration {} cannot be read", path.display());
                return None;
            }
        };
        let plain = match self.seal.open(PLACE, &sealed) {
            Ok(plain) => Bytes::from(plain),
            Err(error) => {
                tracing::error!(%error, "The kept configuration {} does not open", path.display());
                return None;
            }
        };
        let end = plain.iter().position(|byte| *byte == b'\n')?;
        let version = std::str::from_utf8(&plain[..end]).ok()?;
        match Document::checked(version, plain.slice(end + 1..)) {
            Ok(document) => Some(document),
            Err(error) => {
                tracing::error!(%error, "The kept configuration {} is not used", path.display());
                None
            }
        }
    }

    /// Keeps this one from now on; what fails is in the log, as Traefik gets it all the same.
    pub(super) async fn write(&self, document: Arc<Document>) {
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || this.write_now(&document)).await;
        if let Ok(Err(error)) = written {
            tracing::error!(%error, "The configuration cannot be kept in {}: a restart without Skep would serve an older one", self.folder.display());
        }
    }

    fn write_now(&self, document: &Document) -> std::io::Result<()> {
        let plain = [document.version.as_bytes(), b"\n", &document.json].concat();
        let sealed = self.seal.seal(&*self.clock, PLACE, &plain);
        drop(plain);
        std::fs::create_dir_all(&self.folder)?;
        // Two replicas share the folder while one takes over from the other.
        let part = self.folder.join(format!("{NAME}.{}.part", self.clock.uuid()));
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        std::fs::rename(&part, self.folder.join(NAME))?;
        std::fs::File::open(&self.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::clock::SystemClock,
        edge::{EdgeInput, render},
    };

    fn document() -> Arc<Document> {
        let skep = vec!["http://skep:3000".parse().unwrap()];
        let rendered = render(&EdgeInput { skep, ..EdgeInput::default() });
        Arc::new(Document { version: rendered.version, json: rendered.json })
    }

    #[tokio::test]
    async fn what_is_kept_is_sealed_and_comes_back_under_its_token_alone() {
        let folder = tempfile::tempdir().unwrap();
        let at = |token: &str| Kept::new(folder.path().join("kept"), token, Arc::new(SystemClock));
        assert_eq!(at("one").read().await, None);
        let document = document();
        at("one").write(document.clone()).await;
        assert_eq!(at("one").read().await.as_ref(), Some(&*document));
        assert_eq!(at("another").read().await, None);
        let path = folder.path().join("kept").join(NAME);
        let raw = std::fs::read(&path).unwrap();
        assert!(!raw.windows(7).any(|window| window == b"routers"));
        std::fs::write(&path, &raw[..raw.len() / 2]).unwrap();
        assert_eq!(at("one").read().await, None, "a damaged one is not served");
    }

    #[tokio::test]
    async fn a_half_written_one_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().to_owned(), "one", Arc::new(SystemClock));
        let document = document();
        kept.write(document.clone()).await;
        std::fs::write(folder.path().join(format!("{NAME}.part")), b"half").unwrap();
        assert_eq!(kept.read().await.as_ref(), Some(&*document));
    }
}
