//! API tokens: make one, look at them, end one. A token is shown once.

use super::{Caller, Means, authenticate::TOKEN, digest};
use crate::{
    control::{Ctx, Error},
    db,
    domain::{fault::Wrong, id::TokenId, identity::Token, name::DisplayName, secret::Secret},
};

/// The longest life of a token that ends, days.
const LONGEST: u32 = 3650;
/// Tokens of one person at most.
const COUNT: usize = 100;

/// The actor's tokens, newest first.
///
/// # Errors
/// The database.
pub async fn tokens(cx: &Ctx) -> Result<Vec<Token>, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::identity::tokens(&mut tx, cx.actor.user).await?)
}

/// Makes a token that ends after `days`, or never. Only a person who signed in can: a token
/// cannot make one that outlives it.
///
/// # Errors
/// Every wrong field at once; [`Error::Forbidden`] for a token.
pub async fn create_token(
    cx: &Ctx,
    caller: &Caller,
    name: &str,
    days: Option<u32>,
) -> Result<(Token, Secret), Error> {
    if matches!(caller.means, Means::Token(_)) {
        return Err(Error::Forbidden("a token cannot make tokens; sign in with your password".to_owned()));
    }
    let mut faults = Vec::new();
    let name = DisplayName::parse(name).map_err(|wrong| faults.push(wrong.at("name"))).ok();
    if days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
        faults.push(
            Wrong::new(format!("must be 1 to {LONGEST}; leave it out for a token without end")).at("days"),
        );
    }
    let Some(name) = name.filter(|_| faults.is_empty()) else { return Err(Error::Invalid(faults)) };
    let now = cx.now();
    let value = Secret::new(format!("{TOKEN}{}", cx.parts.clock.token()));
    let token = Token {
        id: TokenId::new(&*cx.parts.clock),
        user: cx.actor.user,
        name: name.to_string(),
        created_at: now,
        expires_at: days.map(|days| now + chrono::Duration::days(i64::from(days))),
        used_at: None,
    };
    let mut tx = cx.parts.db.write().await?;
    if db::identity::tokens(&mut tx, cx.actor.user).await?.len() >= COUNT {
        return Err(Error::conflict(
            "quota",
            format!("you have {COUNT} tokens; end some that you do not need"),
        ));
    }
    db::identity::insert_token(&mut tx, &token, &digest(value.expose())).await?;
    tx.commit().await?;
    Ok((token, value))
}

/// Ends one of the actor's tokens.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn end_token(cx: &Ctx, id: TokenId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    if !db::identity::end_token(&mut tx, cx.actor.user, id).await? {
        return Err(Error::NotFound("token"));
    }
    tx.commit().await?;
    Ok(())
}
