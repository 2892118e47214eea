//! Names a DNS provider no longer.

use super::{object, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        id::DnsProviderId,
        right::Right,
    },
};

/// Removes a provider. Certificates that were proved by it are served on, and say what they lack when they
/// are to be renewed.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn remove(cx: &Ctx, id: DnsProviderId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let provider = cx.dns_provider(&mut tx, id, Right::Credentials).await?;
    if !db::dns_provider::remove(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("DNS provider"));
    }
    let change = Change::gone(&told(&provider));
    audit::record(cx, &mut tx, Action::DnsProviderRemove, object(&provider), change).await?;
    tx.commit().await?;
    Ok(())
}
