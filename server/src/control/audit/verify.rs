//! Looks whether the caller's chains are as they were written.

use super::{Chain, Ctx, Error, any, readable};
use crate::{
    db,
    domain::audit::{PublicKey, Report, Verifier},
    reconcile,
};

/// Entries that are read at once.
pub(super) const AT_ONCE: i64 = 1_000;

/// A chain, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which.
    pub chain: Chain,
    /// How.
    pub report: Report,
}

/// The public half of the key that signs.
///
/// # Errors
/// The database; the key cannot be opened.
pub async fn key(cx: &Ctx) -> Result<PublicKey, Error> {
    reconcile::audit_key(&cx.parts).await.map_err(Error::internal)
}

/// Looks at both chains that the caller may read.
///
/// # Errors
/// The database.
pub async fn verify(cx: &Ctx) -> Result<Vec<Verified>, Error> {
    any(cx)?;
    let key = key(cx).await?;
    let mut tx = cx.parts.db.read().await?;
    db::audit::steady(&mut tx).await?;
    let mut all = Vec::new();
    for chain in Chain::ALL.into_iter().filter(|chain| readable(cx, *chain).is_ok()) {
        let team = chain.of(cx);
        let head = db::audit::head(&mut tx, team).await?;
        let checkpoints = db::audit::checkpoints(&mut tx, team).await?;
        let mut verifier = Verifier::new(team, &key, checkpoints, head);
        let mut last = i64::MIN;
        loop {
            let entries = db::audit::after(&mut tx, team, last, AT_ONCE).await?;
            let Some(newest) = entries.last() else { break };
            last = newest.seq;
            entries.iter().for_each(|entry| verifier.push(entry));
        }
        all.push(Verified { chain, report: verifier.finish() });
    }
    Ok(all)
}
