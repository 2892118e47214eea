//! Changes what a directory is asked for, and when.

use super::{
    super::{Ctx, Error, audit, projects::taken},
    external, fits, limits, name, object, profile, told,
};
use crate::{
    acme::{KeyType, budget::Limits, choice::Listed},
    db,
    domain::{
        audit::{Action, Change},
        id::DirectoryId,
        secret::Secret,
    },
};

/// What is to be changed: none stays.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// What people call it.
    pub name: Option<String>,
    /// Its place in the list: 1 is the first after that of the settings.
    pub position: Option<i64>,
    /// It takes the place of one that is in trouble.
    pub backup: Option<bool>,
    /// The key for new accounts (EAB): its id and the key; an account that is there stays.
    pub external: Option<(String, Secret)>,
    /// Which kind of certificate is asked for; empty for the usual one.
    pub profile: Option<String>,
    /// Of hosts' keys.
    pub key: Option<KeyType>,
    /// What it bears.
    pub limits: Option<Limits>,
}

/// Changes a directory; it counts from the next order on. Its address stays: another is another
/// directory.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; a wrong field; the name is there already.
pub async fn change(cx: &Ctx, id: DirectoryId, new: Changed) -> Result<Listed, Error> {
    cx.allow_instance()?;
    let missing = || Error::NotFound("directory");
    let mut tx = cx.parts.db.read().await?;
    let mut listed = db::acme_directory::get(&mut tx, id).await?.ok_or_else(missing)?;
    drop(tx);
    if let Some(text) = &new.name {
        listed.name = name(text).map_err(|wrong| Error::wrong("name", wrong))?;
    }
    if let Some(text) = &new.profile {
        listed.profile = profile(text).map_err(|wrong| Error::wrong("profile", wrong))?;
    }
    if let Some(given) = new.limits {
        listed.limits = limits(given).map_err(|wrong| Error::wrong("limits", wrong))?;
    }
    if let Some((key, hmac)) = &new.external {
        (listed.external_key, listed.sealed_hmac) = external(cx, key, hmac)?;
    }
    listed.backup = new.backup.unwrap_or(listed.backup);
    listed.key = new.key.unwrap_or(listed.key);
    fits(cx, &listed).await?;
    let mut tx = cx.parts.db.write().await?;
    let mut all = db::acme_directory::list(&mut tx).await?;
    let at = all.iter().position(|other| other.id == id).ok_or_else(missing)?;
    let before = all.remove(at);
    let place = new.position.map_or(at, |position| usize::try_from(position.max(1) - 1).unwrap_or(at));
    all.insert(place.min(all.len()), listed);
    for (place, other) in (1..).zip(&mut all) {
        if other.position != place || other.id == id {
            other.position = place;
            db::acme_directory::save(&mut tx, other).await.map_err(|e| taken(e, "directory"))?;
        }
    }
    let listed = all.into_iter().find(|other| other.id == id).ok_or_else(missing)?;
    let change = Change::of(&told(&before), &told(&listed));
    audit::record(cx, &mut tx, Action::DirectoryChange, object(&listed), change).await?;
    tx.commit().await?;
    Ok(listed)
}
