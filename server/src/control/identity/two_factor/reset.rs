//! Turns somebody's two-factor sign-in off, for the owner of the machine: whoever lost the app and the
//! recovery codes asks them.

use crate::{
    control::{Error, audit, identity::person},
    db::{self, Db},
    domain::{
        audit::{Action, Object},
        clock::Clock,
    },
};

/// Turns it off and ends the person's sessions; whether it was on, or begun.
///
/// # Errors
/// A fault at `email`; [`Error::NotFound`].
pub async fn reset(db: &Db, clock: &dyn Clock, email: &str) -> Result<bool, Error> {
    let user = person(db, email).await?;
    let mut tx = db.write().await?;
    let was = db::two_factor::remove(&mut tx, user.id).await?;
    if was {
        db::identity::end_sessions(&mut tx, user.id).await?;
        db::two_factor::end_pending(&mut tx, user.id).await?;
    }
    let object = Object::person(user.id, user.email.as_str());
    audit::record_machine(&mut tx, clock.now(), Action::TwoFactorOff, object).await?;
    tx.commit().await?;
    Ok(was)
}
