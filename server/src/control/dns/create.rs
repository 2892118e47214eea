//! Names a DNS provider.

use super::{COUNT, checked, object, sealed, told};
use crate::{
    control::{Ctx, Error, audit, projects::taken},
    db,
    domain::{
        audit::{Action, Change},
        dns_provider::{DnsProvider, Settings},
        id::DnsProviderId,
        name::Slug,
        right::{Place, Right},
        secret::Secret,
        store::Login,
    },
};

/// A provider as it is given.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// What people call it.
    pub name: Slug,
    /// Apps there and below may use it.
    pub place: Place,
    /// The zones there that it is for.
    pub zones: Vec<String>,
    /// Its kind, and how that is asked.
    pub settings: Settings,
    /// An access key, a TSIG key's name or a username; empty for a token alone.
    pub login_id: String,
    /// The token, or the secret of the id.
    pub login_secret: Secret,
}

/// Names a provider; it is not asked yet.
///
/// # Errors
/// [`Error::NotFound`] of the place; [`Error::Forbidden`]; every wrong field at once; the name is taken.
pub async fn create(cx: &Ctx, new: NewProvider) -> Result<DnsProvider, Error> {
    let mut tx = cx.parts.db.write().await?;
    cx.there(&mut tx, new.place).await?;
    cx.allow(new.place, Right::Credentials)?;
    let login = Login::new(&new.login_id, new.login_secret.expose());
    let (zones, login) = checked(cx, &new.settings, &new.zones, login)?;
    if db::dns_provider::list(&mut tx, cx.team()).await?.len() >= COUNT {
        return Err(Error::conflict("quota", format!("a team has at most {COUNT} DNS providers")));
    }
    let provider = DnsProvider {
        id: DnsProviderId::new(&*cx.parts.clock),
        team: cx.team(),
        name: new.name,
        place: new.place,
        zones,
        settings: new.settings,
        sealed: sealed(cx, &login),
        created_at: cx.now(),
    };
    db::dns_provider::insert(&mut tx, &provider).await.map_err(|e| taken(e, "DNS provider"))?;
    let change = Change::made(&told(&provider));
    audit::record(cx, &mut tx, Action::DnsProviderCreate, object(&provider), change).await?;
    tx.commit().await?;
    Ok(provider)
}
