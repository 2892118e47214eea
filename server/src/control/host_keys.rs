//! The keys of ssh hosts that are trusted: a host is asked for what it shows, a person compares that
//! with what the host publishes, and saves it: for the team, a project or one environment.

use super::{Ctx, Error, audit, credentials::manages};
use crate::{
    db::{self, host_key::Pinned},
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        git_url::GitUrl,
        right::{Place, Right},
    },
    git::host_key::HostKey,
};

/// A key and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where it is trusted, or would be: there and below.
    pub place: Place,
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

/// The trusted keys of all places where the actor manages them, by host.
///
/// # Errors
/// [`Error::Forbidden`] for who manages none anywhere.
pub async fn list(cx: &Ctx) -> Result<Vec<Shown>, Error> {
    cx.allow_somewhere(Right::Credentials)?;
    let mut tx = cx.parts.db.read().await?;
    let mut all = db::host_key::list(&mut tx, cx.team()).await?;
    all.retain(|pinned| cx.access.at(pinned.place).has(Right::Credentials));
    let shown = |Pinned { place, host, line }| Some(Shown { place, host, key: HostKey::read(&line)? });
    Ok(all.into_iter().filter_map(shown).collect())
}

/// The keys that a host shows now; nothing is saved. `place`: where they would be trusted.
///
/// # Errors
/// [`Error::NotFound`] of the place; the host is none, may not be asked, or does not answer.
pub async fn look_up(cx: &Ctx, place: Place, host: &str) -> Result<Vec<Shown>, Error> {
    let mut tx = cx.parts.db.read().await?;
    manages(cx, &mut tx, place).await?;
    drop(tx);
    let url = parse(host)?;
    let lines = cx
        .parts
        .git
        .host_keys(&url)
        .await
        .map_err(|error| Error::wrong("host", Wrong::new(error.to_string())))?;
    let shown = |line: &String| Some(Shown { place, host: url.host().to_owned(), key: HostKey::read(line)? });
    Ok(lines.iter().filter_map(shown).collect())
}

/// Trusts a host's key at a place and below: a line of known_hosts(5), as the host's owner publishes it.
///
/// # Errors
/// [`Error::NotFound`] of the place; the host is none; the line is none.
pub async fn pin(cx: &Ctx, place: Place, host: &str, line: &str) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    manages(cx, &mut tx, place).await?;
    let url = parse(host)?;
    let key = HostKey::read(line).ok_or_else(|| {
        Error::wrong("line", Wrong::new("must be a line as `ssh-keyscan` prints it: host, type, key"))
    })?;
    let shown = Shown { place, host: url.host().to_owned(), key };
    let pinned = Pinned { place, host: shown.host.clone(), line: shown.line() };
    db::host_key::pin(&mut tx, cx.team(), &pinned, cx.now()).await?;
    let object = Object::host_key(&shown.host, place);
    audit::record(cx, &mut tx, Action::HostKeyPin, object, Change::none()).await?;
    tx.commit().await?;
    Ok(())
}

/// Trusts no key of a host at a place any more. Fetches from it by ssh end until one is saved again, or
/// go by what a place around this one trusts.
///
/// # Errors
/// The host is none; [`Error::NotFound`].
pub async fn forget(cx: &Ctx, place: Place, host: &str) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    manages(cx, &mut tx, place).await?;
    let url = parse(host)?;
    if !db::host_key::forget(&mut tx, cx.team(), place, url.host()).await? {
        return Err(Error::NotFound("trusted host"));
    }
    let object = Object::host_key(url.host(), place);
    audit::record(cx, &mut tx, Action::HostKeyForget, object, Change::none()).await?;
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
