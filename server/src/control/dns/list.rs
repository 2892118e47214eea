//! The DNS providers that the caller may see.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{dns_provider::DnsProvider, right::Right},
};

/// The providers of places where the caller has the right to give credentials, by name.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<DnsProvider>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut all = db::dns_provider::list(&mut tx, cx.team()).await?;
    all.retain(|provider| cx.access.at(provider.place).has(Right::Credentials));
    Ok(all)
}
