//! From what a request shows to who acts.

use super::digest;
use crate::{
    control::Error,
    db,
    deploy::parts::Parts,
    domain::{
        id::{SessionId, TokenId},
        identity::Actor,
    },
};

/// What every token begins with, so that it is found where it does not belong.
pub const TOKEN: &str = "skep_";

/// By what somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A browser's session.
    Session(SessionId),
    /// An API token.
    Token(TokenId),
}

/// Who acts, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// By what.
    pub means: Means,
}

/// The caller with this cookie, if it belongs to a session that has not ended.
///
/// # Errors
/// The database.
pub async fn by_cookie(parts: &Parts, value: &str) -> Result<Option<Caller>, Error> {
    if !plausible(value) {
        return Ok(None);
    }
    let mut tx = parts.db.read().await?;
    let found = db::identity::session(&mut tx, &digest(value), parts.clock.now()).await?;
    Ok(found.map(|(session, team)| Caller {
        actor: Actor { user: session.user, team },
        means: Means::Session(session.id),
    }))
}

/// The caller with this API token, if it has not ended. Its use is noted once a minute.
///
/// # Errors
/// The database.
pub async fn by_token(parts: &Parts, value: &str) -> Result<Option<Caller>, Error> {
    if !value.strip_prefix(TOKEN).is_some_and(plausible) {
        return Ok(None);
    }
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let Some((token, team)) = db::identity::token(&mut tx, &digest(value), now).await? else {
        return Ok(None);
    };
    drop(tx);
    if token.used_at.is_none_or(|used| used < now - chrono::Duration::minutes(1)) {
        let mut tx = parts.db.write().await?;
        db::identity::use_token(&mut tx, token.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Caller { actor: Actor { user: token.user, team }, means: Means::Token(token.id) }))
}

/// The form of `Clock::token`: anything else need not be looked up.
fn plausible(value: &str) -> bool {
    value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
