//! Removes a service account: its roles and tokens end with it.

use super::ours;
use crate::{
    control::{Ctx, Error, audit, members},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::UserId,
    },
};

/// Removes it. What it did stays in the log and with its deployments.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`], also if it may do more than the caller.
pub async fn remove(cx: &Ctx, id: UserId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let account = ours(cx, &mut tx, id).await?;
    db::service_account::remove(&mut tx, cx.team(), id).await?;
    let object = Object::service_account(id, account.email.as_str());
    audit::record(cx, &mut tx, Action::ServiceAccountRemove, object, Change::gone(&members::told(&account)))
        .await?;
    tx.commit().await?;
    Ok(())
}
