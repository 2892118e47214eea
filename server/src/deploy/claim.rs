//! What a deployment's tasks may use is counted against its team's quota before anything is changed.

use super::{
    plan::serving,
    run::{Run, Stop},
};
use crate::{
    db,
    domain::{
        app::App,
        deployment::Cause,
        quota::{self, Quota, bytes},
        step::Step,
    },
};
use skep_stack::spec::StackSpec;

/// Counts the spec as the deployment's. A return to what served before is never refused.
///
/// # Errors
/// The failure `quota`, with every reason.
pub(super) async fn claim(run: &Run, spec: &StackSpec, nodes: u64) -> Result<(), Stop> {
    let old = serving(&run.parts, &run.app).await?;
    let mut tx = run.parts.db.write().await?;
    if !matches!(run.deployment.cause, Cause::Rollback { .. })
        && let Some(quota) = db::quota::lock(&mut tx, run.app.team).await?
    {
        fits(&mut tx, &run.app, &quota, spec, old.as_ref(), nodes).await?;
    }
    let claims = quota::claims(spec, i64::try_from(nodes).unwrap_or(i64::MAX));
    db::quota::claim(&mut tx, run.deployment.id, quota::sum(&claims)).await?;
    Ok(tx.commit().await?)
}

/// Whether an app may run as the spec says, `old` being what serves.
///
/// # Errors
/// The failure `quota`, with every reason; the database.
pub(super) async fn fits(
    tx: &mut db::Tx,
    app: &App,
    quota: &Quota,
    spec: &StackSpec,
    old: Option<&StackSpec>,
    nodes: u64,
) -> Result<(), Stop> {
    let claims = quota::claims(spec, i64::try_from(nodes).unwrap_or(i64::MAX));
    let mut reasons = quota.refuses(db::quota::claimed(tx, app.team, app.id).await?, &claims);
    let kept = old.map(|old| old.volumes.as_slice()).unwrap_or_default();
    let new: Vec<&str> =
        spec.volumes.iter().filter(|name| !kept.contains(name)).map(String::as_str).collect();
    if let Some(most) = quota.storage
        && !new.is_empty()
    {
        let (used, _) = db::quota::stored(tx, app.team).await?;
        if used >= most {
            reasons.push(format!(
                "it makes volume {}, and the team's volumes hold {} already, where its quota of storage is {}: remove \
                 volumes that nothing needs, or ask the owner of the instance for more",
                new.join(", "),
                bytes(used),
                bytes(most)
            ));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(Stop::failed(Step::Plan, "quota", reasons.join("; "))) }
}
