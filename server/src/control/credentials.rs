//! Credentials for git and registries.

use super::{Ctx, Error, audit};
use crate::{
    db,
    domain::{
        app::Source,
        audit::{Action, Change, Object},
        credential::{Credential, Kind},
        fault::Wrong,
        id::CredentialId,
        name::{DisplayName, HostPort},
        right::Right,
        secret::Secret,
    },
    git::key,
};

/// A credential as it is given.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// What it is for.
    pub kind: Kind,
    /// For people.
    pub title: DisplayName,
    /// The only host (and port) it is sent to.
    pub host: String,
    /// The user name, if it has one.
    pub username: Option<String>,
    /// Token or password; none for a key, which is made here.
    pub secret: Option<Secret>,
}

/// All of the team, newest first.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Credential>, Error> {
    cx.allow_team(Right::Credentials)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::credential::list(&mut tx, cx.team()).await?)
}

/// Stores a credential, or makes a key.
///
/// # Errors
/// Every wrong field at once.
pub async fn create(cx: &Ctx, new: NewCredential) -> Result<Credential, Error> {
    cx.allow_team(Right::Credentials)?;
    let mut faults = Vec::new();
    let host = match HostPort::parse(new.host.trim()) {
        Ok(host) => host.to_string(),
        Err(wrong) => {
            faults.push(wrong.at("host"));
            String::new()
        }
    };
    let username = new.username.filter(|name| !name.is_empty());
    if username.as_ref().is_some_and(|name| name.len() > 255 || name.chars().any(char::is_control)) {
        faults.push(Wrong::new("must be at most 255 characters").at("username"));
    }
    if new.kind == Kind::Registry && username.is_none() {
        faults.push(Wrong::new("must not be empty for a registry").at("username"));
    }
    let given = new.secret.filter(|secret| !secret.expose().is_empty());
    if new.kind != Kind::GitKey
        && given.as_ref().is_none_or(|s| s.expose().len() > 16 << 10 || s.expose().contains('\0'))
    {
        faults.push(Wrong::new("must be 1 byte to 16 KiB without NUL").at("secret"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (secret, public) = match (new.kind, given) {
        (Kind::GitKey, _) => {
            let pair = key::generate(&*cx.parts.clock, "skep").map_err(Error::internal)?;
            (pair.private, Some(pair.public))
        }
        (_, Some(secret)) => (secret, None),
        (_, None) => return Err(Error::wrong("secret", Wrong::new("must not be empty"))),
    };
    let credential = Credential {
        id: CredentialId::new(&*cx.parts.clock),
        team: cx.team(),
        kind: new.kind,
        title: new.title,
        host,
        username,
        public,
        sealed: cx.parts.seal.seal(&*cx.parts.clock, "credential", secret.expose().as_bytes()),
        created_at: cx.now(),
    };
    let mut tx = cx.parts.db.write().await?;
    db::credential::insert(&mut tx, &credential).await?;
    audit::record(cx, &mut tx, Action::CredentialCreate, Object::credential(&credential), Change::none())
        .await?;
    tx.commit().await?;
    Ok(credential)
}

/// Removes a credential that no app uses.
///
/// # Errors
/// [`Error::NotFound`]; an app uses it.
pub async fn remove(cx: &Ctx, id: CredentialId) -> Result<(), Error> {
    cx.allow_team(Right::Credentials)?;
    let mut tx = cx.parts.db.write().await?;
    for app in db::app::list(&mut tx, cx.team()).await? {
        if uses(&app.source, id) {
            return Err(Error::conflict(
                "in_use",
                format!("app {} uses it; give that another one first", app.name),
            ));
        }
    }
    let gone = db::credential::get(&mut tx, cx.team(), id).await?.ok_or(Error::NotFound("credential"))?;
    if !db::credential::remove(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("credential"));
    }
    audit::record(cx, &mut tx, Action::CredentialRemove, Object::credential(&gone), Change::none()).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether a source names the credential.
#[must_use]
pub fn uses(source: &Source, id: CredentialId) -> bool {
    of(source) == Some(id)
}

/// The credential that a source names.
pub(super) const fn of(source: &Source) -> Option<CredentialId> {
    match source {
        Source::Git { credential, .. } | Source::Image { credential, .. } => *credential,
        _ => None,
    }
}
