//! How long the log is kept. Set for the whole instance; the janitor takes away what is older.

use super::{Ctx, Error, record};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
    },
    reconcile,
};

/// Days at most: 100 years.
const MOST: i64 = 36_500;

/// Days that entries are kept; 0 keeps all.
///
/// # Errors
/// The database.
pub async fn retention(cx: &Ctx) -> Result<i64, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(reconcile::audit_days(&mut tx).await?)
}

/// Sets for how many days entries are kept; 0 keeps all.
///
/// # Errors
/// Fault at `days`.
pub async fn set_retention(cx: &Ctx, days: i64) -> Result<(), Error> {
    cx.allow_instance()?;
    if !(0..=MOST).contains(&days) {
        return Err(Error::wrong("days", Wrong::new(format!("must be 0 (keep all) to {MOST}"))));
    }
    let mut tx = cx.parts.db.write().await?;
    let before = reconcile::audit_days(&mut tx).await?;
    db::setting::put(&mut tx, reconcile::AUDIT_DAYS, &days.to_string()).await?;
    let change = Change::of(&serde_json::json!({"days": before}), &serde_json::json!({"days": days}));
    record(cx, &mut tx, Action::AuditRetain, Object::audit(), change).await?;
    tx.commit().await?;
    Ok(())
}
