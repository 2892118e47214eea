//! By which providers the actor is known, and which of them they could connect.

use super::told as told_provider;
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{Caller, reauthenticate::reauthenticate},
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        id::ProviderId,
        secret::Secret,
        sso::{Identity, Provider},
    },
};

/// A provider, and who the actor is there.
#[derive(Debug, Clone)]
pub struct Known {
    /// The provider.
    pub provider: Provider,
    /// Who they are there; none: they could connect it.
    pub identity: Option<Identity>,
}

/// The providers that know the actor, and those of the team and the instance that do not yet. Whom a
/// team's provider vouches for sees that team's.
///
/// # Errors
/// The database.
pub async fn identities(cx: &Ctx) -> Result<Vec<Known>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut identities = db::sso::identities(&mut tx, cx.actor.user).await?;
    let mut near = db::sso::providers(&mut tx, Some(cx.team())).await?;
    if cx.allow_account().is_ok() {
        near.extend(db::sso::providers(&mut tx, None).await?);
        for identity in &identities {
            if !near.iter().any(|provider| provider.id == identity.provider) {
                near.extend(db::sso::provider(&mut tx, identity.provider).await?);
            }
        }
    }
    let mut all = Vec::new();
    for provider in near {
        let at = identities.iter().position(|identity| identity.provider == provider.id);
        let identity = at.map(|at| identities.swap_remove(at));
        if identity.is_some() || provider.enabled {
            all.push(Known { provider, identity });
        }
    }
    Ok(all)
}

/// Disconnects a provider from the actor's account, with the sessions and roles that they have by it.
///
/// # Errors
/// [`Error::NotFound`]; a wrong password; [`Error::Forbidden`] as for connecting.
pub async fn disconnect(cx: &Ctx, caller: &Caller, id: ProviderId, password: &Secret) -> Result<(), Error> {
    let person = reauthenticate(cx, caller, password).await?;
    let mut tx = cx.parts.db.write().await?;
    let missing = || Error::NotFound("identity provider");
    let provider = db::sso::provider(&mut tx, id).await?.ok_or_else(missing)?;
    if !db::sso::forget(&mut tx, id, person.id).await? {
        return Err(missing());
    }
    if let Some(team) = provider.team {
        db::sso::give(&mut tx, (id, team), person.id, &[]).await?;
    }
    db::sso::end_sessions_of(&mut tx, id, person.id).await?;
    let change = Change::made(&serde_json::json!({"issuer": told_provider(&provider)["issuer"]}));
    audit::record(cx, &mut tx, Action::IdentityDisconnect, Object::provider(&provider), change).await?;
    tx.commit().await?;
    Ok(())
}
