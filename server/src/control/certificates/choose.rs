//! Chooses the directory of one certificate.

use serde_json::json;

use super::{
    super::{Ctx, Error, audit, directories},
    object,
};
use crate::{
    db,
    domain::{
        audit::{Action, Change},
        certificate::Certificate,
        id::CertificateId,
        right::Right,
    },
};

/// From now on it comes from this directory alone; none: as its environment's, or the instance's. What
/// is there stays until it is renewed.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; no such directory in the list, at `directory`.
pub async fn choose(cx: &Ctx, id: CertificateId, directory: Option<&str>) -> Result<Certificate, Error> {
    let mut tx = cx.parts.db.write().await?;
    let mut row = cx.certificate(&mut tx, id, Right::Configure).await?;
    let chosen = directories::named(cx, &mut tx, directory).await?;
    let told = |chosen: &Option<String>| json!({ "directory": chosen });
    let change = Change::of(&told(&row.plan.chosen), &told(&chosen));
    (row.plan.chosen, row.plan.passed) = (chosen, 0);
    db::acme::save(&mut tx, &row).await?;
    audit::record(cx, &mut tx, Action::CertificateChange, object(&row), change).await?;
    tx.commit().await?;
    Ok(row)
}
