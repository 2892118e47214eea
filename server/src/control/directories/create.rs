//! Enters a directory.

use super::{
    super::{Ctx, Error, audit, projects::taken},
    COUNT, external, fits, limits, name, object, profile, told,
};
use crate::{
    acme::{Directory, KeyType, budget::Limits, choice::Listed},
    db,
    domain::{
        audit::{Action, Change},
        id::DirectoryId,
        secret::Secret,
    },
};

/// A directory as it is given.
#[derive(Debug, Clone)]
pub struct NewDirectory {
    /// What people call it; the authority's name if empty.
    pub name: String,
    /// `production`, `staging`, `zerossl`, `google`, or an https URL.
    pub address: String,
    /// It takes the place of one that is in trouble.
    pub backup: bool,
    /// How the CA calls the key for new accounts (EAB); empty for none.
    pub external_key: String,
    /// That key, base64url.
    pub hmac: Secret,
    /// Which kind of certificate is asked for; empty for the usual one.
    pub profile: String,
    /// Of hosts' keys.
    pub key: KeyType,
    /// What it bears; what is known of it if none.
    pub limits: Option<Limits>,
}

/// Enters a directory at the end of the list. That of the settings may be entered, too: its profile and
/// limits count then.
///
/// # Errors
/// [`Error::Forbidden`]; every wrong field at once; name or address are there already.
pub async fn create(cx: &Ctx, new: NewDirectory) -> Result<Listed, Error> {
    cx.allow_instance()?;
    let mut faults = Vec::new();
    let address = Directory::parse(new.address.trim()).map_err(|wrong| faults.push(wrong.at("address"))).ok();
    let called = match &address {
        Some(address) if new.name.trim().is_empty() => Ok(address.name()),
        _ => name(&new.name),
    };
    let called = called.map_err(|wrong| faults.push(wrong.at("name"))).ok();
    let kind = profile(&new.profile).map_err(|wrong| faults.push(wrong.at("profile"))).ok();
    let bears = new.limits.or_else(|| Some(Limits::of(address.as_ref()?.as_str())));
    let bears = bears.map(limits).transpose().map_err(|wrong| faults.push(wrong.at("limits"))).ok().flatten();
    let (Some(address), Some(name), Some(profile), Some(limits)) = (address, called, kind, bears) else {
        return Err(Error::Invalid(faults));
    };
    let (external_key, sealed_hmac) = external(cx, &new.external_key, &new.hmac)?;
    let mut listed = Listed {
        id: DirectoryId::new(&*cx.parts.clock),
        position: 0,
        name,
        address,
        backup: new.backup,
        external_key,
        sealed_hmac,
        profile,
        key: new.key,
        limits,
        created_at: cx.now(),
    };
    fits(cx, &listed).await?;
    let mut tx = cx.parts.db.write().await?;
    let all = db::acme_directory::list(&mut tx).await?;
    if all.len() >= COUNT {
        return Err(Error::conflict("quota", format!("an instance has at most {COUNT} directories")));
    }
    listed.position = all.last().map_or(1, |last| last.position + 1);
    db::acme_directory::insert(&mut tx, &listed).await.map_err(|e| taken(e, "directory"))?;
    audit::record(cx, &mut tx, Action::DirectoryCreate, object(&listed), Change::made(&told(&listed)))
        .await?;
    tx.commit().await?;
    Ok(listed)
}
