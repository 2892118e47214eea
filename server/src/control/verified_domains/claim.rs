//! Begins the proof of a domain.

use super::{COUNT, object};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        domain_name::Hostname,
        id::VerifiedDomainId,
        right::Right,
        verified_domain::VerifiedDomain,
    },
};

/// Says which record proves a domain; nothing is looked up yet.
///
/// # Errors
/// [`Error::Forbidden`]; the team has begun with it already.
pub async fn claim(cx: &Ctx, domain: Hostname) -> Result<VerifiedDomain, Error> {
    cx.allow_team(Right::Credentials)?;
    let mut tx = cx.parts.db.write().await?;
    if db::verified_domain::list(&mut tx, cx.team()).await?.len() >= COUNT {
        return Err(Error::conflict("quota", format!("a team has at most {COUNT} proved domains")));
    }
    let made = VerifiedDomain {
        id: VerifiedDomainId::new(&*cx.parts.clock),
        team: cx.team(),
        domain,
        token: cx.parts.clock.token(),
        verified_at: None,
        created_at: cx.now(),
    };
    db::verified_domain::insert(&mut tx, &made).await.map_err(|e| {
        if db::is_duplicate(&e) {
            Error::conflict("exists", "the team has this domain already: put its record, and verify it")
        } else {
            e.into()
        }
    })?;
    audit::record(cx, &mut tx, Action::DomainClaim, object(&made), Change::none()).await?;
    tx.commit().await?;
    Ok(made)
}
