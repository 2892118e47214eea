//! Connects a provider to an account that is there: by its own person alone, who is signed in and shows
//! the password. An address of mail that is the same says nothing.

use super::begin::{Begun, start};
use crate::{
    control::{
        Ctx, Error,
        identity::{Caller, reauthenticate::reauthenticate},
    },
    db,
    domain::{id::ProviderId, secret::Secret},
};

/// Where the account page comes back to.
const NEXT: &str = "/account?done=connected";

/// Sends somebody who is signed in to a provider, to be known by it from then on.
///
/// # Errors
/// [`Error::NotFound`] of a provider that is neither of the team nor of the instance; a wrong password;
/// [`Error::Forbidden`] for a token, and for who is signed in through a team's provider.
pub async fn connect(cx: &Ctx, caller: &Caller, id: ProviderId, password: &Secret) -> Result<Begun, Error> {
    let person = reauthenticate(cx, caller, password).await?;
    let mut tx = cx.parts.db.read().await?;
    let near = |team: Option<crate::domain::id::TeamId>| team == Some(cx.team()) || team.is_none();
    let found = db::sso::provider(&mut tx, id).await?.filter(|p| p.enabled && near(p.team));
    drop(tx);
    let provider = found.ok_or(Error::NotFound("identity provider"))?;
    let from = cx.who.address.unwrap_or(std::net::IpAddr::from([0, 0, 0, 0]));
    start(&cx.parts, &provider, Some(person.id), NEXT, from).await
}
