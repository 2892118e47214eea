//! What a keeper is started with; `config::edge` reads and checks it.

use std::{net::SocketAddr, path::PathBuf};

use url::Url;

use super::entry::Entry;
use crate::domain::secret::Secret;

/// All that a keeper needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Skep is: `http://skep:3000`. Each name may lead to several servers; all are tried.
    pub skep: Vec<Url>,
    /// What is shown to Skep; the configuration that is kept is sealed under it, too.
    pub token: Secret,
    /// The node's name, for people.
    pub node: String,
    /// The folder on the node in which the last good configuration is kept.
    pub keep: PathBuf,
    /// A folder for files of this run: Traefik's static file, the pipe of its access log.
    pub work: PathBuf,
    /// Traefik's program.
    pub traefik: PathBuf,
    /// Where Traefik asks for its configuration: loopback.
    pub provider: SocketAddr,
    /// The socket of who holds the entry points' sockets; none: Traefik opens them itself.
    pub hold: Option<PathBuf>,
    /// A database of countries (MMDB); none: countries are not counted.
    pub countries: Option<PathBuf>,
    /// How Traefik is started.
    pub entry: Entry,
}

impl Settings {
    /// Traefik's static file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.work.join("traefik.yml")
    }

    /// The pipe into which Traefik writes its access log.
    #[must_use]
    pub fn access_log(&self) -> PathBuf {
        self.work.join("access")
    }
}
