//! Signs a person in by password; whoever has a second step goes on in `second_step.rs`.

use std::net::IpAddr;

use super::{
    password,
    session::{Entry, end_old, enter, is_known},
    throttle::{Subject, clear, count},
};
use crate::{
    control::Error,
    db,
    deploy::parts::Parts,
    domain::{name::Email, secret::Secret},
};

/// A try to sign in.
#[derive(Debug)]
pub struct Login<'a> {
    /// The address as it was typed.
    pub email: &'a str,
    /// The password as it was typed.
    pub password: &'a Secret,
    /// Where it comes from.
    pub from: IpAddr,
    /// The browser's own words about itself.
    pub agent: &'a str,
    /// The sign of a browser that signed in before.
    pub known: Option<&'a str>,
    /// The cookie that the browser has from an earlier session: it counts no longer.
    pub old: Option<&'a str>,
}

/// Signs in, with a new session, or asks for the second step.
///
/// # Errors
/// `wrong_login`, the same for an unknown person and a wrong password; [`Error::Busy`] after too
/// many tries; a password too long to be one.
pub async fn login(parts: &Parts, login: Login<'_>) -> Result<Entry, Error> {
    password::check_length(login.password).map_err(|wrong| Error::wrong("password", wrong))?;
    let now = parts.clock.now();
    let email = Email::parse(login.email).ok();
    let mut tx = parts.db.write().await?;
    let user = match &email {
        Some(email) => db::identity::user_by_email(&mut tx, email).await?,
        None => None,
    };
    let known = login.known.filter(|known| user.as_ref().is_some_and(|user| is_known(parts, known, user.id)));
    let account = match known {
        Some(known) => Subject::browser(known),
        None => Subject::account(email.as_ref().map_or(login.email, Email::as_str)),
    };
    let subjects = [account, Subject::address(login.from)];
    count(&mut tx, &subjects, now).await?;
    tx.commit().await?;

    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let fits = password::verify(hash, login.password).await?;
    let Some(user) = user.filter(|_| fits) else { return Err(wrong_login()) };

    let mut tx = parts.db.write().await?;
    clear(&mut tx, &subjects).await?;
    let entry = enter(parts, &mut tx, user, login.agent).await?;
    if matches!(entry, Entry::SignedIn(_)) {
        end_old(parts, &mut tx, login.old).await?;
    }
    if let Entry::SignedIn(signed_in) = &entry {
        signed_in.record(parts, &mut tx, login.from).await?;
    }
    tx.commit().await?;
    Ok(entry)
}

fn wrong_login() -> Error {
    Error::Unauthenticated {
        code: "wrong_login",
        message: "the address or the password is wrong; try again".to_owned(),
    }
}
