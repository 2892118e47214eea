//! Lists a person's passkeys.

use crate::{
    control::{Ctx, Error},
    db,
    domain::identity::Passkey,
};

/// The actor's, oldest first; none for whom a team's provider vouched: their account is nothing to it.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Passkey>, Error> {
    if cx.allow_account().is_err() {
        return Ok(Vec::new());
    }
    let mut tx = cx.parts.db.read().await?;
    Ok(db::passkey::of_person(&mut tx, cx.actor.user).await?)
}
