//! Calls a passkey otherwise.

use serde_json::json;

use crate::{
    control::{
        Ctx, Error, audit,
        identity::{Caller, reauthenticate::session_of},
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        id::PasskeyId,
        identity::Passkey,
        name::DisplayName,
    },
};

/// Renames one of the actor's.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for a token.
pub async fn rename(cx: &Ctx, caller: &Caller, id: PasskeyId, name: DisplayName) -> Result<Passkey, Error> {
    session_of(caller)?;
    cx.allow_account()?;
    let mut tx = cx.parts.db.write().await?;
    let all = db::passkey::of_person(&mut tx, cx.actor.user).await?;
    let before = all.into_iter().find(|one| one.id == id).ok_or(Error::NotFound("passkey"))?;
    let after = Passkey { name: name.to_string(), ..before.clone() };
    db::passkey::rename(&mut tx, cx.actor.user, id, &after.name).await?;
    let change = Change::of(&json!({"name": before.name}), &json!({"name": after.name}));
    audit::record(cx, &mut tx, Action::PasskeyRename, Object::new("passkey", id, &after.name), change)
        .await?;
    tx.commit().await?;
    Ok(after)
}
