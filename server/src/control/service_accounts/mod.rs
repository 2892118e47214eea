//! Service accounts: members of a team that nobody is, for CI and scripts. They do what their roles give,
//! by tokens alone, which whoever manages members makes and takes back.
//!
//! A service account is a row of `person` with a team of its own: roles, tokens, limits of tokens and the
//! audit log all refer to a person, and so hold for it without a second rule. What only people do is kept
//! from it where it begins: its address is none that anybody can give (`Email::parse`), the database takes no
//! password and no ownership of the instance for it, `session::begin` begins nothing for it, and it does not
//! approve.
//!
//! To add an operation: its file here, with what [`find`] or [`ours`] allows.

mod create;
mod list;
mod remove;
mod rename;
pub mod tokens;

pub use create::create;
pub use list::list;
pub use remove::remove;
pub use rename::rename;

use super::{Ctx, Error, roles};
use crate::{
    db::{self, Tx},
    domain::{id::UserId, right::Right, team::Member},
};

/// Service accounts of one team at most.
const COUNT: usize = 100;

/// A service account of the team, for whoever manages members.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
async fn find(cx: &Ctx, tx: &mut Tx, id: UserId) -> Result<Member, Error> {
    cx.allow_team(Right::Members)?;
    let members = db::team::members(tx, cx.team()).await?;
    let found = members.into_iter().find(|member| member.service && member.user == id);
    found.ok_or(Error::NotFound("service account"))
}

/// The same for whoever has all that it has: a token of it is as much as its roles, and who takes one away
/// takes rights.
///
/// # Errors
/// As [`find`]; [`Error::Forbidden`] if it may do more than the caller.
async fn ours(cx: &Ctx, tx: &mut Tx, id: UserId) -> Result<Member, Error> {
    let found = find(cx, tx, id).await?;
    for grant in &found.grants {
        roles::within(cx, grant.place, grant.rights)?;
    }
    Ok(found)
}
