//! The directories that certificates come from, beside the one of the settings: in which order they are
//! asked, with which account key from elsewhere, for what kind of certificate, and what they bear.
//!
//! To add an operation: a file named by its verb.

mod change;
mod choose;
mod create;
mod list;
mod remove;

pub use change::{Changed, change};
pub use choose::{choose, chosen};
pub use create::{NewDirectory, create};
pub use list::list;
pub use remove::remove;

use serde_json::{Value, json};

use super::{Ctx, Error};
use crate::{
    acme::{Directory, budget::Limits, choice::Listed},
    db::{self, Tx},
    domain::{audit::Object, fault::Wrong, secret::Secret},
};

/// Directories of one instance at most.
const COUNT: usize = 20;
/// The largest limit.
const MOST: u32 = 1_000_000;

fn object(listed: &Listed) -> Object {
    Object::new("directory", listed.id, &listed.name)
}

/// As the audit log compares them; no key.
fn told(listed: &Listed) -> Value {
    json!({
        "name": listed.name,
        "address": listed.address.as_str(),
        "position": listed.position,
        "backup": listed.backup,
        "external_key": listed.external_key,
        "profile": listed.profile,
        "key_type": listed.key.name(),
        "limits": format!("{:?}", listed.limits),
    })
}

/// A name for people: 1 to 60 characters.
fn name(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 60 || text.chars().any(char::is_control) {
        return Err(Wrong::new("must be 1 to 60 characters"));
    }
    Ok(text.to_owned())
}

/// A profile: the directory lists its own.
fn profile(text: &str) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    let fit = text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if fit {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    } else {
        Err(Wrong::new("must be a profile that the directory lists, like `classic` or `shortlived`"))
    }
}

/// Limits: each at least one.
fn limits(limits: Limits) -> Result<Limits, Wrong> {
    let all = [limits.orders, limits.domain, limits.same, limits.failures, limits.at_once];
    if all.iter().all(|limit| (1..=MOST).contains(limit)) {
        Ok(limits)
    } else {
        Err(Wrong::new("must each be 1 to 1000000"))
    }
}

/// The external account key: its id, and the key sealed.
type External = (Option<String>, Option<Vec<u8>>);

/// Both parts of the key for new accounts, or none of them.
fn external(cx: &Ctx, id: &str, hmac: &Secret) -> Result<External, Error> {
    let (id, key) = (id.trim(), hmac.expose().trim());
    let base64 = |b: u8| b.is_ascii_alphanumeric() || b"-_=".contains(&b);
    match (id.is_empty(), key.is_empty()) {
        (true, true) => Ok((None, None)),
        (true, false) => Err(Error::wrong("external_key", Wrong::new("must be given with its HMAC key"))),
        (false, true) => Err(Error::wrong("hmac", Wrong::new("must be given with the key's id"))),
        _ if id.len() > 500 || key.len() > 1000 || !key.bytes().all(base64) => {
            Err(Error::wrong("hmac", Wrong::new("must be base64url, as the authority shows it")))
        }
        _ => {
            let sealed = cx.parts.seal.seal(&*cx.parts.clock, "acme key", key.as_bytes());
            Ok((Some(id.to_owned()), Some(sealed)))
        }
    }
}

/// What the directory says of itself speaks against what is asked of it; one that does not answer now
/// is asked when it is needed.
async fn fits(cx: &Ctx, listed: &Listed) -> Result<(), Error> {
    let asked = cx.parts.issuer.meta(&listed.address);
    let Ok(Ok(meta)) = tokio::time::timeout(std::time::Duration::from_secs(10), asked).await else {
        return Ok(());
    };
    if let Some(profile) = &listed.profile
        && !meta.profiles.iter().any(|(name, _)| name == profile)
    {
        let names: Vec<&str> = meta.profiles.iter().map(|(name, _)| name.as_str()).collect();
        let rule = if names.is_empty() {
            "must be empty: this directory has no profiles".to_owned()
        } else {
            format!("must be one of those that the directory lists: {}", names.join(", "))
        };
        return Err(Error::wrong("profile", Wrong::new(rule)));
    }
    if meta.needs_external && listed.external_key.is_none() {
        let rule = "must be given: this authority makes accounts only for who has a key (EAB) from its site";
        return Err(Error::wrong("external_key", Wrong::new(rule)));
    }
    Ok(())
}

/// The address of a directory of the list by its name or address; nothing for none.
///
/// # Errors
/// There is no such one, at `directory`.
pub(super) async fn named(cx: &Ctx, tx: &mut Tx, text: Option<&str>) -> Result<Option<String>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let usual = usual(cx, tx).await?;
    let address = Directory::parse(text).ok();
    if address.as_ref().is_some_and(|address| address.as_str() == usual) {
        return Ok(Some(usual));
    }
    let listed = db::acme_directory::list(tx).await?;
    let found = listed.iter().find(|listed| listed.name == text || Some(&listed.address) == address.as_ref());
    let found = found.ok_or_else(|| {
        let rule = "must be a directory of the instance's list; ask the owner of the instance to enter it";
        Error::wrong("directory", Wrong::new(rule))
    })?;
    Ok(Some(found.address.as_str().to_owned()))
}

/// The directory of the settings.
async fn usual(cx: &Ctx, tx: &mut Tx) -> Result<String, Error> {
    let set = db::setting::get(tx, "acme_directory").await?;
    let set = set.unwrap_or_else(|| cx.parts.instance.acme_directory.clone());
    Ok(Directory::parse(&set).map_or(set, |directory| directory.as_str().to_owned()))
}
