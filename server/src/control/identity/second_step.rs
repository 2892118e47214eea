//! The second step of signing in: whoever showed the password shows a code. Only then there is a session.

use std::net::IpAddr;

use super::{
    digest,
    session::{SignedIn, begin_through, end_old, is_known},
    throttle::{clear, count},
    two_factor::{spend, subject},
};
use crate::{
    control::Error,
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{id::ProviderId, secret::Secret, sso::Through},
};

/// A try to go on.
#[derive(Debug)]
pub struct SecondStep<'a> {
    /// What the first step gave the browser.
    pub pending: Option<&'a str>,
    /// The code as it was typed: of the app, or a recovery code.
    pub code: &'a Secret,
    /// Where it comes from.
    pub from: IpAddr,
    /// The browser's own words about itself.
    pub agent: &'a str,
    /// The sign of a browser that signed in before.
    pub known: Option<&'a str>,
    /// The cookie that the browser has from an earlier session: it counts no longer.
    pub old: Option<&'a str>,
}

/// Signs in, with a new session.
///
/// # Errors
/// `second_factor_ended` without a first step, or too long after it; `wrong_code`, also for one that was
/// used; [`Error::Busy`] after too many tries.
pub async fn second_step(parts: &Parts, step: SecondStep<'_>) -> Result<SignedIn, Error> {
    let now = parts.clock.now();
    let pending = digest(step.pending.ok_or_else(ended)?);
    let mut tx = parts.db.write().await?;
    let (id, provider) = db::two_factor::pending(&mut tx, &pending, now).await?.ok_or_else(ended)?;
    let user = db::identity::user(&mut tx, id).await?.ok_or_else(ended)?;
    let subjects = [subject(id, step.known.filter(|known| is_known(parts, known, id)))];
    count(&mut tx, &subjects, now).await?;
    tx.commit().await?;

    // One transaction: the password, the code and the session count together, or none of them.
    let mut tx = parts.db.write().await?;
    if !db::two_factor::use_pending(&mut tx, &pending).await? {
        return Err(ended());
    }
    if !spend(parts, &mut tx, id, step.code).await? {
        return Err(wrong_code());
    }
    clear(&mut tx, &subjects).await?;
    end_old(parts, &mut tx, step.old).await?;
    let through = through(&mut tx, provider).await?;
    let signed_in = begin_through(parts, &mut tx, user, step.agent, through).await?;
    signed_in.record(parts, &mut tx, step.from).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// By whose word a session begins whose first step a provider vouched for.
pub(super) async fn through(tx: &mut Tx, provider: Option<ProviderId>) -> Result<Option<Through>, Error> {
    let Some(provider) = provider else { return Ok(None) };
    Ok(Some(db::sso::provider(tx, provider).await?.ok_or_else(ended)?.through()))
}

pub(super) fn ended() -> Error {
    Error::Unauthenticated {
        code: "second_factor_ended",
        message: "show your password first: there is no sign-in that waits for a code, or it took more than \
                  five minutes"
            .to_owned(),
    }
}

fn wrong_code() -> Error {
    Error::Unauthenticated {
        code: "wrong_code",
        message: "the code is wrong or was used; enter the one that your app shows now, or a recovery code"
            .to_owned(),
    }
}
