//! The tokens of a service account: made and taken back by whoever manages members, shown once.
//!
//! A token of the caller's may make them, too, where it has the right: it could as well invite somebody.
//! None does more than the caller may.

use serde_json::json;

use super::{find, ours};
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{NewToken, mint},
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        id::{TokenId, UserId},
        identity::Token,
        right::{Right, Rights},
        secret::Secret,
    },
};

/// The tokens of all service accounts of the team, newest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn all(cx: &Ctx) -> Result<Vec<Token>, Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::service_account::tokens(&mut tx, cx.team()).await?)
}

/// Those of one, newest first.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn list(cx: &Ctx, id: UserId) -> Result<Vec<Token>, Error> {
    let mut tx = cx.parts.db.read().await?;
    find(cx, &mut tx, id).await?;
    Ok(db::identity::tokens(&mut tx, id, cx.team()).await?)
}

/// Makes one; its value is told this once.
///
/// # Errors
/// As [`identity::create_token`](crate::control::identity::create_token) for the limits;
/// [`Error::NotFound`]; [`Error::Forbidden`] also if the account may do more than the caller.
pub async fn create(cx: &Ctx, id: UserId, new: NewToken<'_>) -> Result<(Token, Secret), Error> {
    let mut tx = cx.parts.db.write().await?;
    let account = ours(cx, &mut tx, id).await?;
    let rights = account.grants.iter().fold(Rights::NONE, |all, grant| all.and(grant.rights));
    let (token, value) = mint(cx, &mut tx, id, rights, new).await?;
    let change = json!({"account": account.email.as_str(), "rights": token.rights.map(Rights::names)});
    let object = Object::token(token.id, &token.name);
    audit::record(cx, &mut tx, Action::TokenCreate, object, Change::made(&change)).await?;
    tx.commit().await?;
    Ok((token, value))
}

/// Takes one back.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] also if the account may do more than the caller.
pub async fn end(cx: &Ctx, id: UserId, token: TokenId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let account = ours(cx, &mut tx, id).await?;
    if !db::service_account::end_token(&mut tx, cx.team(), id, token).await? {
        return Err(Error::NotFound("token"));
    }
    let change = Change::gone(&json!({"account": account.email.as_str()}));
    audit::record(cx, &mut tx, Action::TokenEnd, Object::token(token, ""), change).await?;
    tx.commit().await?;
    Ok(())
}
