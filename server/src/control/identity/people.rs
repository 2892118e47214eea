//! Who can sign in, for the owner of the machine.

use crate::{
    control::Error,
    db::{self, Db},
    domain::{identity::User, name::Email},
};

/// Everybody, by address, and whether they are asked for a code.
///
/// # Errors
/// The database.
pub async fn people(db: &Db) -> Result<Vec<(User, bool)>, Error> {
    let mut tx = db.read().await?;
    let on = db::two_factor::confirmed(&mut tx).await?;
    let all = db::identity::users(&mut tx).await?;
    Ok(all.into_iter().map(|user| (on.contains(&user.id), user)).map(|(on, user)| (user, on)).collect())
}

/// The person with this address.
///
/// # Errors
/// A fault at `email`; [`Error::NotFound`].
pub async fn person(db: &Db, email: &str) -> Result<User, Error> {
    let email = Email::parse(email).map_err(|wrong| Error::wrong("email", wrong))?;
    let mut tx = db.read().await?;
    db::identity::user_by_email(&mut tx, &email).await?.ok_or(Error::NotFound("person"))
}
