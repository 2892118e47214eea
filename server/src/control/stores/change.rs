//! Gives a store other credentials, and with them another address or other settings.

use serde_json::json;

use super::{checked, object, sealed, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        fault::Wrong,
        id::StoreId,
        right::Right,
        secret::Secret,
        store::{Settings, Store},
    },
};

/// What is to be changed.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Where it answers from now on; as before if absent.
    pub address: Option<String>,
    /// How it is asked from now on; as before if absent.
    pub settings: Option<Settings>,
    /// As [`NewStore::login_id`](super::NewStore).
    pub login_id: String,
    /// As [`NewStore::login_secret`](super::NewStore).
    pub login_secret: Secret,
}

/// Changes a store. The credentials are always given anew: those that are kept are sent to no other
/// address than the one that they were given for.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; every wrong field at once; another kind.
pub async fn change(cx: &Ctx, id: StoreId, changed: Changed) -> Result<Store, Error> {
    let mut tx = cx.parts.db.write().await?;
    let before = cx.store(&mut tx, id, Right::Credentials).await?;
    let settings = changed.settings.unwrap_or_else(|| before.settings.clone());
    if settings.kind() != before.settings.kind() {
        let rule = format!("must stay `{}`: name another store for another kind", before.settings.kind());
        return Err(Error::wrong("settings.kind", Wrong::new(rule)));
    }
    let address = changed.address.unwrap_or_else(|| before.address.as_str().to_owned());
    let login = (changed.login_id.as_str(), changed.login_secret.expose());
    let (address, login) = checked(cx, &settings, &address, login)?;
    let store = Store { address, settings, sealed: sealed(cx, &login), ..before.clone() };
    if !db::secret_store::change(&mut tx, &store).await? {
        return Err(Error::NotFound("store"));
    }
    let (mut was, mut is) = (told(&before), told(&store));
    (was["credentials"], is["credentials"]) = (json!("before"), json!("anew"));
    audit::record(cx, &mut tx, Action::StoreChange, object(&store), Change::of(&was, &is)).await?;
    tx.commit().await?;
    Ok(store)
}
