//! Where the server is and who we are for it: `$XDG_CONFIG_HOME/skep/config.json`, 0600.
//! `SKEP_SERVER` and `SKEP_TOKEN` come first.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use url::Url;

use super::fault::Failure;
use crate::domain::secret::Secret;

/// Used when no server was ever told.
pub(super) const LOCAL: &str = "http://127.0.0.1:3000";

/// What `skep login` keeps.
#[derive(Serialize, Deserialize)]
struct Kept {
    server: String,
    token: String,
}

/// The server, and the token for it if there is one.
pub(super) struct Known {
    pub(super) server: Url,
    pub(super) token: Option<Secret>,
}

/// What is known of server and token.
pub(super) fn known() -> Result<Known, Failure> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (server, token) = (variable("SKEP_SERVER"), variable("SKEP_TOKEN"));
    let kept = if token.is_some() && server.is_some() { None } else { load(&path()?)? };
    merge(server, token, kept)
}

fn merge(server: Option<String>, token: Option<String>, kept: Option<Kept>) -> Result<Known, Failure> {
    let kept = kept.map(|kept| parse(&kept.server).map(|url| (url, kept.token))).transpose()?;
    let server = match (server, &kept) {
        (Some(text), _) => parse(&text)?,
        (None, Some((url, _))) => url.clone(),
        (None, None) => parse(LOCAL)?,
    };
    // A token is never shown to another server than the one that made it.
    let token = token.or_else(|| kept.filter(|(url, _)| url.origin() == server.origin()).map(|(_, t)| t));
    Ok(Known { token: token.map(Secret::new), server })
}

/// A server's address: `https://skep.example.org`.
pub(super) fn parse(text: &str) -> Result<Url, Failure> {
    let wrong =
        || Failure::Usage(format!("server: give an address like https://skep.example.org, not `{text}`"));
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
        return Err(Failure::Usage(
            "server: give an http or https address without user and password: https://skep.example.org"
                .into(),
        ));
    }
    Ok(url)
}

fn path() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CONFIG_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".config")))
        .map(|base| base.join("skep").join("config.json"))
        .ok_or_else(|| Failure::NotDone("no place for the settings: set HOME or XDG_CONFIG_HOME".into()))
}

fn load(path: &Path) -> Result<Option<Kept>, Failure> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::NotDone(format!("{} cannot be read: {error}", path.display()))),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|_| Failure::NotDone(format!("{} is damaged: run `skep login` again", path.display())))
}

/// Keeps them for the next command; gives the file.
pub(super) fn keep(server: &Url, token: &Secret) -> Result<PathBuf, Failure> {
    let path = path()?;
    let kept = Kept { server: server.to_string(), token: token.expose().to_owned() };
    write(&path, &kept)
        .map_err(|error| Failure::NotDone(format!("{} cannot be written: {error}", path.display())))?;
    Ok(path)
}

/// Written aside and renamed: the file is whole and nobody else's to read at every moment.
fn write(path: &Path, kept: &Kept) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder)?;
    // Made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, kept)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn kept() -> Kept {
        Kept { server: "https://a.example.org/".into(), token: "skep_kept".into() }
    }

    fn token(known: &Known) -> Option<&str> {
        known.token.as_ref().map(Secret::expose)
    }

    #[test]
    fn variables_come_first_and_a_token_stays_with_its_server() {
        let both =
            merge(Some("http://b.example.org".into()), Some("skep_b".into()), Some(kept())).expect("known");
        assert_eq!((both.server.as_str(), token(&both)), ("http://b.example.org/", Some("skep_b")));
        let other = merge(Some("http://b.example.org".into()), None, Some(kept())).expect("known");
        assert_eq!(token(&other), None);
        let same = merge(Some("https://a.example.org:443".into()), None, Some(kept())).expect("known");
        assert_eq!(token(&same), Some("skep_kept"));
        assert_eq!(token(&merge(None, None, None).expect("known")), None);
    }

    #[test]
    fn addresses_of_servers() {
        for wrong in ["", "skep.example.org", "ftp://a", "https://me:pw@a.example.org", "unix:/x"] {
            assert_eq!(parse(wrong).map_err(|f| f.exit_code()), Err(2), "{wrong}");
        }
        assert_eq!(parse("https://a.example.org").expect("right").as_str(), "https://a.example.org/");
    }

    #[test]
    fn the_file_is_mine_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("skep/config.json");
        write(&path, &kept()).expect("written");
        write(&path, &kept()).expect("written again");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(load(&path).ok().flatten().map(|kept| kept.token).as_deref(), Some("skep_kept"));
    }
}
