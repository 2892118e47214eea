//! Names a store.

use super::{COUNT, checked, object, sealed, told};
use crate::{
    control::{Ctx, Error, audit, projects::taken},
    db,
    domain::{
        audit::{Action, Change},
        id::StoreId,
        name::Slug,
        right::{Place, Right},
        secret::Secret,
        store::{Settings, Store},
    },
};

/// A store as it is given.
#[derive(Debug, Clone)]
pub struct NewStore {
    /// What variables call it.
    pub name: Slug,
    /// Apps there and below may use it.
    pub place: Place,
    /// Where it answers; empty for the kind's own address.
    pub address: String,
    /// Its kind, and how that is asked.
    pub settings: Settings,
    /// A role, a client or an access key; empty for a token alone.
    pub login_id: String,
    /// The token, or the secret of the id.
    pub login_secret: Secret,
}

/// Names a store; it is not asked yet.
///
/// # Errors
/// [`Error::NotFound`] of the place; [`Error::Forbidden`]; every wrong field at once; the name is taken.
pub async fn create(cx: &Ctx, new: NewStore) -> Result<Store, Error> {
    let mut tx = cx.parts.db.write().await?;
    cx.there(&mut tx, new.place).await?;
    cx.allow(new.place, Right::Credentials)?;
    let login = (new.login_id.as_str(), new.login_secret.expose());
    let (address, login) = checked(cx, &new.settings, &new.address, login)?;
    if db::secret_store::list(&mut tx, cx.team()).await?.len() >= COUNT {
        return Err(Error::conflict("quota", format!("a team has at most {COUNT} secret stores")));
    }
    let store = Store {
        id: StoreId::new(&*cx.parts.clock),
        team: cx.team(),
        name: new.name,
        place: new.place,
        address,
        settings: new.settings,
        sealed: sealed(cx, &login),
        created_at: cx.now(),
    };
    db::secret_store::insert(&mut tx, &store).await.map_err(|e| taken(e, "secret store"))?;
    audit::record(cx, &mut tx, Action::StoreCreate, object(&store), Change::made(&told(&store))).await?;
    tx.commit().await?;
    Ok(store)
}
