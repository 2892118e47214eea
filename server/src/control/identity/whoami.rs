//! Who the actor is.

use crate::{
    control::{Ctx, Error},
    db,
    domain::identity::User,
};

/// The person who acts.
///
/// # Errors
/// The database.
pub async fn whoami(cx: &Ctx) -> Result<User, Error> {
    let mut tx = cx.parts.db.read().await?;
    db::identity::user(&mut tx, cx.actor.user).await?.ok_or(Error::NotFound("person"))
}
