//! Who can sign in, for the owner of the machine.

use std::collections::HashMap;

use crate::{
    control::Error,
    db::{self, Db},
    domain::{identity::User, name::Email},
};

/// Everybody, by address, whether they are asked for a code, and how many passkeys they have.
///
/// # Errors
/// The database.
pub async fn people(db: &Db) -> Result<Vec<(User, bool, i64)>, Error> {
    let mut tx = db.read().await?;
    let on = db::two_factor::confirmed(&mut tx).await?;
    let passkeys: HashMap<_, _> = db::passkey::people(&mut tx).await?.into_iter().collect();
    let of = |user: User| {
        let (on, passkeys) = (on.contains(&user.id), passkeys.get(&user.id).copied().unwrap_or_default());
        (user, on, passkeys)
    };
    Ok(db::identity::users(&mut tx).await?.into_iter().map(of).collect())
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
