//! Lists a person's passkeys.

use crate::{
    control::{Ctx, Error},
    db,
    domain::identity::Passkey,
};

/// The actor's, oldest first.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Passkey>, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::passkey::of_person(&mut tx, cx.actor.user).await?)
}
