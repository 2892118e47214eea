//! What the embedded profile makes for itself in its data folder: the folder, the key, Traefik's
//! token and the token for the first admin. Folder 0700, files 0600, never twice.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::{Config, parse, reader::Reader};
use crate::domain::{clock::Clock, secret::Secret};

const KEY: &str = "key";
const EDGE_TOKEN: &str = "edge-token";
const SETUP_TOKEN: &str = "setup-token";

/// A key; its `Debug` tells nothing.
#[derive(Clone, Copy)]
pub struct Secret32(pub [u8; 32]);

impl std::fmt::Debug for Secret32 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret32(…)")
    }
}

/// Looks at the data folder without changing it.
pub(super) fn check(config: &Config, r: &mut Reader<'_>) {
    let data = &config.instance.data;
    match std::fs::metadata(data) {
        Ok(about) if !about.is_dir() => r.fault("SKEP_DATA", format!("{} is not a folder", data.display())),
        Ok(about) if about.mode() & 0o022 != 0 => {
            r.fault("SKEP_DATA", format!("others may write to {}: run `chmod 700` on it", data.display()))
        }
        Ok(_)
            if rustix::fs::access(data, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)
                .is_err() =>
        {
            r.fault(
                "SKEP_DATA",
                format!(
                    "{} is not ours to write to: change its owner or give another folder",
                    data.display()
                ),
            );
        }
        Ok(_) => check_files(config, r),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => r.fault("SKEP_DATA", format!("{} cannot be looked at: {error}", data.display())),
    }
}

fn check_files(config: &Config, r: &mut Reader<'_>) {
    let data = &config.instance.data;
    if !config.embedded() {
        return;
    }
    if config.key.is_none() && !data.join(KEY).exists() && data.join("skep.db").exists() {
        r.fault(
            "SKEP_KEY",
            format!(
                "is missing: {} holds a database, but not its key. Restore {} from your backup, or give SKEP_KEY_FILE",
                data.display(),
                data.join(KEY).display()
            ),
        );
    }
    for name in [KEY, EDGE_TOKEN, SETUP_TOKEN] {
        let path = data.join(name);
        if std::fs::metadata(&path).is_ok_and(|about| about.mode() & 0o077 != 0) {
            r.fault("SKEP_DATA", format!("others may read {}: run `chmod 600` on it", path.display()));
        }
    }
}

/// Finds or makes the key, and Traefik's token if none was given. In the cluster profile all
/// secrets were given.
///
/// # Errors
/// The data folder or a file in it cannot be made or read; the text says which.
pub fn first_start(config: &mut Config, clock: &dyn Clock) -> Result<Secret32, String> {
    let data = &config.instance.data;
    if !data.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(|error| failed(data, &error))?;
    }
    let key = match config.key {
        Some(key) => key,
        None => {
            let path = data.join(KEY);
            let mut random = [0; 32];
            clock.fill(&mut random);
            let (text, _) = read_or_make(&path, &hex::encode(random))?;
            parse::key(text.expose()).map_err(|rule| format!("{}: {rule}", path.display()))?
        }
    };
    if config.instance.edge_token.is_none() {
        let (token, _) = read_or_make(&data.join(EDGE_TOKEN), &clock.token())?;
        config.instance.edge_token = Some(token);
    }
    Ok(Secret32(key))
}

/// The key of a server that has started here before; makes nothing.
///
/// # Errors
/// There is none, or nothing that it would open; the text says what to give.
pub fn kept_key(config: &Config) -> Result<Secret32, String> {
    let data = &config.instance.data;
    if config.embedded() && !data.join("skep.db").exists() {
        return Err(format!(
            "{} holds no database: give the --data of the server, and run this where the server runs",
            data.display()
        ));
    }
    if let Some(key) = config.key {
        return Ok(Secret32(key));
    }
    let path = data.join(KEY);
    let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
    parse::key(text.trim()).map(Secret32).map_err(|rule| format!("{}: {rule}", path.display()))
}

/// Where the token for the first admin lies, if it is a file of ours; and whether it was made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupToken {
    /// The file.
    pub file: PathBuf,
    /// This start made it.
    pub made: bool,
}

/// Finds or makes the token for the first admin, if none was given. For the embedded profile,
/// while there is no admin.
///
/// # Errors
/// The file cannot be made or read.
pub fn setup_token(config: &mut Config, clock: &dyn Clock) -> Result<Option<SetupToken>, String> {
    if config.instance.setup_token.is_some() || !config.embedded() {
        return Ok(None);
    }
    let file = config.instance.data.join(SETUP_TOKEN);
    let (token, made) = read_or_make(&file, &clock.token())?;
    config.instance.setup_token = Some(token);
    Ok(Some(SetupToken { file, made }))
}

/// There is an admin: no token makes another, and the file of it is of no use.
pub fn forget_setup_token(config: &mut Config) {
    config.instance.setup_token = None;
    let _ = std::fs::remove_file(config.instance.data.join(SETUP_TOKEN));
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be made or read: {error}", path.display())
}

/// The content of a file, or `new` written to it if there was none; whether it was made.
fn read_or_make(path: &Path, new: &str) -> Result<(Secret, bool), String> {
    let work = || match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            writeln!(file, "{new}")?;
            file.sync_all()?;
            if let Some(folder) = path.parent() {
                File::open(folder)?.sync_all()?;
            }
            Ok((Secret::new(new), true))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut text = String::new();
            File::open(path)?.take(4096).read_to_string(&mut text)?;
            Ok((Secret::new(text.trim()), false))
        }
        Err(error) => Err(error),
    };
    work().map_err(|error| failed(path, &error))
}
