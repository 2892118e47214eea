//! Asks the CA when it would like to renew what it gave (RFC 9773).

use crate::{
    acme::{Directory, settle},
    db,
    deploy::{parts::Parts, run::Stop},
    domain::certificate::Certificate,
};

/// Asks, and writes down when it is renewed and when the CA is asked again.
pub(super) async fn window(parts: &Parts, row: &Certificate) -> Result<(), Stop> {
    let said = match (Directory::parse(&row.directory), &row.chain) {
        (Ok(directory), Some(chain)) => parts.issuer.window(&directory, chain).await,
        _ => Ok(None),
    };
    if let Err(error) = &said {
        tracing::debug!(host = %row.host, %error, "The CA does not say when to renew {}", row.host);
    }
    let now = parts.clock.now();
    let mut tx = parts.db.write().await?;
    if let Some(mut row) = db::acme::by_host(&mut tx, &row.host).await?.filter(|row| row.next_try_at <= now) {
        let said = said.as_ref().map(Option::as_ref).map_err(|_| ());
        settle::asked(&mut row, said, parts.clock.random(), now);
        db::acme::save(&mut tx, &row).await?;
    }
    tx.commit().await?;
    Ok(())
}
