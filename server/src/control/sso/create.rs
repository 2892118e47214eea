//! Enters a provider.

use super::{COUNT, Of, allow, check_issuer, check_mappings, check_secret, seal, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::ProviderId,
        name::DisplayName,
        secret::Secret,
        sso::{Claim, ClientName, Issuer, Kind, Mapping, Provider},
    },
};

/// A provider as it is asked for.
#[derive(Debug, Clone)]
pub struct New {
    /// Whose.
    pub of: Of,
    /// For people.
    pub name: DisplayName,
    /// How it is spoken with.
    pub kind: Kind,
    /// Where it is.
    pub issuer: Issuer,
    /// What it calls us.
    pub client: ClientName,
    /// By what it knows us.
    pub secret: Secret,
    /// What it lists groups in.
    pub claim: Claim,
    /// Who is given what.
    pub mappings: Vec<Mapping>,
}

/// Enters a provider. People can sign in through it at once.
///
/// # Errors
/// [`Error::Forbidden`], also for a role above the actor's; [`Error::NotFound`] of a role or place;
/// faults at `issuer`, `secret` and `mappings`; too many.
pub async fn create(cx: &Ctx, new: New) -> Result<Provider, Error> {
    allow(cx, new.of)?;
    check_secret(&new.secret)?;
    check_issuer(&cx.parts, &new.issuer)?;
    let team = if new.of == Of::Team { Some(cx.team()) } else { None };
    let mut tx = cx.parts.db.write().await?;
    if db::sso::providers(&mut tx, team).await?.len() >= COUNT {
        return Err(Error::conflict("quota", format!("there are {COUNT} providers; remove one first")));
    }
    let provider = Provider {
        id: ProviderId::new(&*cx.parts.clock),
        team,
        name: new.name,
        kind: new.kind,
        issuer: new.issuer,
        client: new.client,
        claim: new.claim,
        enabled: true,
        created_at: cx.now(),
        mappings: check_mappings(cx, &mut tx, new.of, new.mappings).await?,
    };
    db::sso::insert(&mut tx, &provider, &seal(&cx.parts, &new.secret)).await?;
    let change = Change::made(&told(&provider));
    audit::record(cx, &mut tx, Action::SsoCreate, Object::provider(&provider), change).await?;
    tx.commit().await?;
    Ok(provider)
}
