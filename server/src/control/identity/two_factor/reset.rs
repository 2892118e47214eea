//! Turns somebody's two-factor sign-in off, for the owner of the machine: whoever lost the app and the
//! recovery codes asks them.

use crate::{
    control::{Error, identity::person},
    db::{self, Db},
};

/// Turns it off and ends the person's sessions; whether it was on, or begun.
///
/// # Errors
/// A fault at `email`; [`Error::NotFound`].
pub async fn reset(db: &Db, email: &str) -> Result<bool, Error> {
    let user = person(db, email).await?;
    let mut tx = db.write().await?;
    let was = db::two_factor::remove(&mut tx, user.id).await?;
    if was {
        db::identity::end_sessions(&mut tx, user.id).await?;
        db::two_factor::end_pending(&mut tx, user.id).await?;
    }
    tx.commit().await?;
    Ok(was)
}
