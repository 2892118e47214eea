//! Removes a provider, with the sessions that it vouched for and the roles that it gave. People stay, and
//! what was given to them by hand.

use super::{load, only::last, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::ProviderId,
    },
};

/// Removes a provider.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; it is the last of a team that takes single sign-on alone.
pub async fn remove(cx: &Ctx, id: ProviderId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let provider = load(cx, &mut tx, id).await?;
    last(&mut tx, &provider).await?;
    db::sso::remove(&mut tx, id).await?;
    let change = Change::gone(&told(&provider));
    audit::record(cx, &mut tx, Action::SsoRemove, Object::provider(&provider), change).await?;
    tx.commit().await?;
    Ok(())
}
