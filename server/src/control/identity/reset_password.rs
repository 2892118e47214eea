//! Gives a person a new password, for the owner of the machine: no mail is needed, as whoever
//! can read the data folder can do anything already.

use super::{password, person};
use crate::{
    control::{Error, audit},
    db::{self, Db},
    domain::{
        audit::{Action, Object},
        clock::Clock,
        secret::Secret,
    },
};

/// Sets the password and ends all sessions and tokens of the person.
///
/// # Errors
/// A wrong field; [`Error::NotFound`].
pub async fn reset_password(db: &Db, clock: &dyn Clock, email: &str, new: &Secret) -> Result<(), Error> {
    let user = person(db, email).await?;
    let mut tx = db.read().await?;
    let teams = db::team::of_person(&mut tx, user.id).await?;
    drop(tx);
    let names = password::names(&user.email, teams.iter().map(|team| team.name.as_str()), None);
    password::check(new, &names).map_err(|wrong| Error::wrong("password", wrong))?;
    let hash = password::hash(clock, new).await?;
    let mut tx = db.write().await?;
    db::identity::set_password(&mut tx, user.id, &hash).await?;
    db::identity::end_sessions(&mut tx, user.id).await?;
    db::identity::end_tokens(&mut tx, user.id).await?;
    db::two_factor::end_pending(&mut tx, user.id).await?;
    let object = Object::person(user.id, user.email.as_str());
    audit::record_machine(&mut tx, clock.now(), Action::PasswordReset, object).await?;
    tx.commit().await?;
    Ok(())
}
