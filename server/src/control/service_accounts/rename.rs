//! Calls a service account otherwise. Its tokens count on.

use serde_json::json;

use super::find;
use crate::{
    control::{Ctx, Error, audit, projects::taken},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::UserId,
        name::{Email, Slug},
        team::Member,
    },
};

/// Renames it; what it did before keeps the name that it had then.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; the name is taken.
pub async fn rename(cx: &Ctx, id: UserId, name: Slug) -> Result<Member, Error> {
    let mut tx = cx.parts.db.write().await?;
    let before = find(cx, &mut tx, id).await?;
    let after = Member { email: Email::of_service(&name, cx.team()), ..before.clone() };
    let renamed = db::service_account::rename(&mut tx, cx.team(), id, &after.email).await;
    if !renamed.map_err(|error| taken(error, "service account"))? {
        return Err(Error::NotFound("service account"));
    }
    let object = Object::service_account(id, after.email.as_str());
    let change =
        Change::of(&json!({"name": before.email.service()}), &json!({"name": after.email.service()}));
    audit::record(cx, &mut tx, Action::ServiceAccountRename, object, change).await?;
    tx.commit().await?;
    Ok(after)
}
