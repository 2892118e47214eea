//! Changes a provider: all but what it is. Another address or kind knows people by other names, so it is
//! another provider.

use super::{Of, check_mappings, check_secret, load, only::last, seal, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{self as log, Action, Object},
        id::ProviderId,
        name::DisplayName,
        secret::Secret,
        sso::{Claim, ClientName, Mapping, Provider},
    },
};

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// For people.
    pub name: Option<DisplayName>,
    /// What it calls us.
    pub client: Option<ClientName>,
    /// By what it knows us.
    pub secret: Option<Secret>,
    /// What it lists groups in.
    pub claim: Option<Claim>,
    /// People can sign in through it; if not, the sessions that it vouched for end, and its roles rest.
    pub enabled: Option<bool>,
    /// Who is given what, in place of all before. It counts from each one's next sign-in on.
    pub mappings: Option<Vec<Mapping>>,
}

/// Changes a provider.
///
/// # Errors
/// As `create`; the last provider of a team that takes single sign-on alone stays enabled.
pub async fn change(cx: &Ctx, id: ProviderId, change: Change) -> Result<Provider, Error> {
    let mut tx = cx.parts.db.write().await?;
    let before = load(cx, &mut tx, id).await?;
    let of = if before.team.is_some() { Of::Team } else { Of::Instance };
    let mut after = before.clone();
    if let Some(mappings) = change.mappings {
        after.mappings = check_mappings(cx, &mut tx, of, mappings).await?;
    }
    after.name = change.name.unwrap_or(after.name);
    after.client = change.client.unwrap_or(after.client);
    after.claim = change.claim.unwrap_or(after.claim);
    after.enabled = change.enabled.unwrap_or(after.enabled);
    if before.enabled && !after.enabled {
        last(&mut tx, &before).await?;
        db::sso::end_sessions(&mut tx, id).await?;
    }
    db::sso::change(&mut tx, &after).await?;
    let mut told_after = told(&after);
    if let Some(secret) = &change.secret {
        check_secret(secret)?;
        db::sso::set_secret(&mut tx, id, &seal(&cx.parts, secret)).await?;
        told_after["secret"] = "changed".into();
    }
    let change = log::Change::of(&told(&before), &told_after);
    audit::record(cx, &mut tx, Action::SsoChange, Object::provider(&after), change).await?;
    tx.commit().await?;
    Ok(after)
}
