//! Removes all passkeys of somebody, for the owner of the machine: a device was lost or stolen, and its person
//! does not get in to remove it.

use crate::{
    control::{Error, audit, identity::person},
    db::{self, Db},
    domain::{
        audit::{Action, Object},
        clock::Clock,
    },
};

/// Removes them and ends the person's sessions; how many there were, and whether a password is left to sign
/// in with.
///
/// # Errors
/// A fault at `email`; [`Error::NotFound`].
pub async fn reset(db: &Db, clock: &dyn Clock, email: &str) -> Result<(u64, bool), Error> {
    let user = person(db, email).await?;
    let mut tx = db.write().await?;
    let count = db::passkey::remove_all(&mut tx, user.id).await?;
    db::passkey::end_challenges(&mut tx, user.id).await?;
    if count > 0 {
        db::identity::end_sessions(&mut tx, user.id).await?;
        db::two_factor::end_pending(&mut tx, user.id).await?;
    }
    let object = Object::person(user.id, user.email.as_str());
    audit::record_machine(&mut tx, clock.now(), Action::PasskeyReset, object).await?;
    tx.commit().await?;
    Ok((count, user.password_hash.is_some()))
}
