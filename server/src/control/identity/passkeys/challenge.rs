//! Challenges: each lies in SQL under the hash of a cookie, until it is answered or five minutes have passed.

use serde::{Serialize, de::DeserializeOwned};

use super::Purpose;
use crate::{
    control::{Error, identity::digest},
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{id::UserId, secret::Secret},
};

/// The answer must have come by then.
const LIFE: chrono::Duration = chrono::Duration::minutes(5);

/// Keeps a challenge, for one person or for whoever answers; the cookie's value.
pub(super) async fn keep(
    parts: &Parts,
    tx: &mut Tx,
    purpose: Purpose,
    user: Option<UserId>,
    state: &(impl Serialize + Sync),
) -> Result<Secret, Error> {
    let state = serde_json::to_string(state).map_err(Error::internal)?;
    let (cookie, now) = (Secret::new(parts.clock.token()), parts.clock.now());
    db::passkey::sweep_challenges(tx, now).await?;
    let hash = digest(cookie.expose());
    db::passkey::insert_challenge(tx, &hash, purpose.name(), user, &state, now + LIFE).await?;
    Ok(cookie)
}

/// Takes the browser's challenge, in a transaction of its own: it is used up, however its answer is judged.
///
/// # Errors
/// `passkey_ended` without one, also for one of another browser, another purpose, or too long ago.
pub(super) async fn take<T: DeserializeOwned>(
    parts: &Parts,
    purpose: Purpose,
    cookie: Option<&str>,
) -> Result<(Option<UserId>, T), Error> {
    let hash = digest(cookie.ok_or_else(ended)?);
    let mut tx = parts.db.write().await?;
    let found = db::passkey::take_challenge(&mut tx, &hash, purpose.name(), parts.clock.now()).await?;
    tx.commit().await?;
    let (user, state) = found.ok_or_else(ended)?;
    Ok((user, serde_json::from_str(&state).map_err(Error::internal)?))
}

pub(super) fn ended() -> Error {
    Error::Unauthenticated {
        code: "passkey_ended",
        message:
            "begin anew: no question to your passkey waits for an answer of this browser, or it took more \
                  than five minutes"
                .to_owned(),
    }
}
