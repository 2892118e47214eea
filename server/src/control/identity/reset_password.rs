//! Gives a person a new password, for the owner of the machine: no mail is needed, as whoever
//! can read the data folder can do anything already.

use super::password;
use crate::{
    control::Error,
    db,
    deploy::parts::Parts,
    domain::{name::Email, secret::Secret},
};

/// Sets the password and ends all sessions and tokens of the person.
///
/// # Errors
/// Every wrong field at once; [`Error::NotFound`].
pub async fn reset_password(parts: &Parts, email: &str, new: &Secret) -> Result<(), Error> {
    let email = Email::parse(email).map_err(|wrong| Error::wrong("email", wrong))?;
    password::check(new).map_err(|wrong| Error::wrong("password", wrong))?;
    let hash = password::hash(&*parts.clock, new).await?;
    let mut tx = parts.db.write().await?;
    let user = db::identity::user_by_email(&mut tx, &email).await?.ok_or(Error::NotFound("person"))?;
    db::identity::set_password(&mut tx, user.id, &hash).await?;
    db::identity::end_sessions(&mut tx, user.id).await?;
    db::identity::end_tokens(&mut tx, user.id).await?;
    tx.commit().await?;
    Ok(())
}
