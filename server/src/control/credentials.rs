//! Credentials for git and registries. Each belongs to the team, to a project or to one environment:
//! who has the right there manages it, and only apps that lie there use it.

use super::{Ctx, Error, audit};
use crate::{
    db::{self, Tx},
    domain::{
        app::{App, Source},
        audit::{Action, Change, Object},
        credential::{Credential, Kind},
        fault::Wrong,
        id::{CredentialId, EnvironmentId},
        name::{DisplayName, HostPort},
        right::{Place, Right},
        secret::Secret,
    },
    git::key,
};

/// A credential as it is given.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Whose it will be.
    pub place: Place,
    /// What it is for.
    pub kind: Kind,
    /// For people.
    pub title: DisplayName,
    /// The only host (and port) it is sent to.
    pub host: String,
    /// The user name, if it has one.
    pub username: Option<String>,
    /// Token or password; a private key, or none to have one made here.
    pub secret: Option<Secret>,
}

/// Those that the actor manages, newest first.
///
/// # Errors
/// [`Error::Forbidden`] for who manages none anywhere.
pub async fn list(cx: &Ctx) -> Result<Vec<Credential>, Error> {
    cx.allow_somewhere(Right::Credentials)?;
    let mut tx = cx.parts.db.read().await?;
    let mut all = db::credential::list(&mut tx, cx.team()).await?;
    all.retain(|credential| cx.access.at(credential.place).has(Right::Credentials));
    Ok(all)
}

/// Those that apps of an environment may use and that the actor manages, nearest first: what an app's
/// source is chosen from.
///
/// # Errors
/// [`Error::NotFound`] of the environment.
pub async fn around(cx: &Ctx, environment: EnvironmentId) -> Result<Vec<Credential>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.environment(&mut tx, environment, Right::View).await?;
    let mut all = db::credential::around(&mut tx, cx.team(), environment).await?;
    all.retain(|credential| cx.access.at(credential.place).has(Right::Credentials));
    Ok(all)
}

/// Stores a credential, or makes a key.
///
/// # Errors
/// [`Error::NotFound`] of the place; [`Error::Forbidden`] there; every wrong field at once.
pub async fn create(cx: &Ctx, new: NewCredential) -> Result<Credential, Error> {
    let mut tx = cx.parts.db.read().await?;
    manages(cx, &mut tx, new.place).await?;
    drop(tx);
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
    let pair = match (new.kind, &given) {
        (Kind::GitKey, Some(text)) => key::read(text).map_err(|wrong| faults.push(wrong.at("secret"))).ok(),
        (Kind::GitKey, None) => Some(key::generate(&*cx.parts.clock, "skep").map_err(Error::internal)?),
        _ => None,
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (secret, public) = match (pair, given) {
        (Some(pair), _) => (pair.private, Some(pair.public)),
        (_, Some(secret)) => (secret, None),
        (_, None) => return Err(Error::wrong("secret", Wrong::new("must not be empty"))),
    };
    let credential = Credential {
        id: CredentialId::new(&*cx.parts.clock),
        team: cx.team(),
        place: new.place,
        kind: new.kind,
        title: new.title,
        host,
        username,
        public,
        sealed: cx.parts.seal.seal(&*cx.parts.clock, "credential", secret.expose().as_bytes()),
        created_at: cx.now(),
    };
    let mut tx = cx.parts.db.write().await?;
    cx.there(&mut tx, new.place).await?;
    db::credential::insert(&mut tx, &credential).await?;
    audit::record(cx, &mut tx, Action::CredentialCreate, Object::credential(&credential), Change::none())
        .await?;
    tx.commit().await?;
    Ok(credential)
}

/// Removes a credential that no app uses.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; an app uses it.
pub async fn remove(cx: &Ctx, id: CredentialId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let gone = cx.credential(&mut tx, id, Right::Credentials).await?;
    for app in db::app::list(&mut tx, cx.team()).await? {
        if uses(&app.source, id) {
            return Err(Error::conflict(
                "in_use",
                format!("app {} uses it; give that another one first", app.name),
            ));
        }
    }
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

/// Whether the actor sees a place and manages the credentials and trusted hosts there.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub(super) async fn manages(cx: &Ctx, tx: &mut Tx, place: Place) -> Result<(), Error> {
    cx.there(tx, place).await?;
    cx.allow(place, Right::Credentials)
}

/// Whether the app may use the credential that its source names: one of its environment, of its
/// project, or of the team.
///
/// # Errors
/// [`Error::NotFound`]; a fault at `source.credential` that says whose it is.
pub(super) async fn usable(cx: &Ctx, tx: &mut Tx, app: &App) -> Result<(), Error> {
    let Some(id) = of(&app.source) else { return Ok(()) };
    let around = db::credential::around(tx, cx.team(), app.environment).await?;
    if around.iter().any(|credential| credential.id == id) {
        return Ok(());
    }
    let place = cx.credential(tx, id, Right::View).await?.place;
    let whose = match place {
        Place::Team => "the team".to_owned(),
        Place::Project(id) => format!("project {}", cx.project(tx, id, Right::View).await?.name),
        Place::Environment(id) => {
            let environment = cx.environment(tx, id, Right::View).await?;
            let project = cx.project(tx, environment.project, Right::View).await?;
            format!("environment {} of {}", environment.name, project.name)
        }
    };
    let here = cx.environment(tx, app.environment, Right::View).await?;
    let project = cx.project(tx, here.project, Right::View).await?;
    let rule = format!(
        "belongs to {whose}; choose one of environment {}, of project {}, or of the team",
        here.name, project.name
    );
    Err(Error::wrong("source.credential", Wrong::coded("credential_place", rule)))
}

/// Removes a place's own credentials and trusted hosts with it. How many credentials there were.
///
/// # Errors
/// The database.
pub(super) async fn forget_place(tx: &mut Tx, place: Place) -> Result<u64, Error> {
    db::host_key::forget_place(tx, place).await?;
    Ok(db::credential::forget_place(tx, place).await?)
}
