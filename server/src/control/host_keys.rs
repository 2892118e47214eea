//! The keys of ssh hosts that are trusted: a host is asked for what it shows, a person compares that
//! with what the host publishes, and saves it.

use super::{Ctx, Error, audit};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        git_url::GitUrl,
        right::Right,
    },
    git::host_key::HostKey,
};

/// A key and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The host, without a port: a host's keys are the same at each.
    pub host: String,
    /// The key.
    pub key: HostKey,
}

impl Shown {
    /// `host type key`, as known_hosts(5) has it.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {} {}", self.host, self.key.algorithm, self.key.key)
    }
}

/// All trusted keys of the team, by host.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Shown>, Error> {
    cx.allow_team(Right::Credentials)?;
    let mut tx = cx.parts.db.read().await?;
    let lines = db::credential::all_host_keys(&mut tx, cx.team()).await?;
    let shown = |(host, line): (String, String)| Some(Shown { host, key: HostKey::read(&line)? });
    Ok(lines.into_iter().filter_map(shown).collect())
}

/// The keys that a host shows now; nothing is saved.
///
/// # Errors
/// The host is none, may not be asked, or does not answer.
pub async fn look_up(cx: &Ctx, host: &str) -> Result<Vec<Shown>, Error> {
    cx.allow_team(Right::Credentials)?;
    let url = parse(host)?;
    let lines = cx
        .parts
        .git
        .host_keys(&url)
        .await
        .map_err(|error| Error::wrong("host", Wrong::new(error.to_string())))?;
    let shown = |line: &String| Some(Shown { host: url.host().to_owned(), key: HostKey::read(line)? });
    Ok(lines.iter().filter_map(shown).collect())
}

/// Trusts a host's key: a line of known_hosts(5), as the host's owner publishes it.
///
/// # Errors
/// The host is none; the line is none.
pub async fn pin(cx: &Ctx, host: &str, line: &str) -> Result<(), Error> {
    cx.allow_team(Right::Credentials)?;
    let url = parse(host)?;
    let key = HostKey::read(line).ok_or_else(|| {
        Error::wrong("line", Wrong::new("must be a line as `ssh-keyscan` prints it: host, type, key"))
    })?;
    let shown = Shown { host: url.host().to_owned(), key };
    let mut tx = cx.parts.db.write().await?;
    db::credential::pin_host(&mut tx, cx.team(), &shown.host, &shown.line(), cx.now()).await?;
    audit::record(cx, &mut tx, Action::HostKeyPin, Object::new("host_key", "", &shown.host), Change::none())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Trusts no key of a host any more: fetches from it by ssh end until one is saved again.
///
/// # Errors
/// The host is none; [`Error::NotFound`].
pub async fn forget(cx: &Ctx, host: &str) -> Result<(), Error> {
    cx.allow_team(Right::Credentials)?;
    let url = parse(host)?;
    let mut tx = cx.parts.db.write().await?;
    if !db::credential::forget_host(&mut tx, cx.team(), url.host()).await? {
        return Err(Error::NotFound("trusted host"));
    }
    audit::record(
        cx,
        &mut tx,
        Action::HostKeyForget,
        Object::new("host_key", "", url.host()),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The host as an address, so that one rule says what a host is and how its name is written.
fn parse(host: &str) -> Result<GitUrl, Error> {
    let host = host.trim();
    let only_a_host = !host.contains(['/', '@', '?', '#', ' ']);
    let wrong =
        || Error::wrong("host", Wrong::new("must be a host like `github.com` or `git.example.org:2222`"));
    let url =
        only_a_host.then(|| GitUrl::parse(&format!("ssh://git@{host}/repository"))).ok_or_else(wrong)?;
    url.map_err(|_| wrong())
}
