//! What a team may have at most and what it uses; and the checks of what takes effect at once: a new app,
//! a start, a scale. What a deployment brings is counted by the deployment (`deploy/claim.rs`).

use super::{Ctx, Error, audit};
use crate::{
    db::{self, Tx},
    deploy::{parts::Parts, plan::of_release},
    domain::{
        app::{App, Wanted},
        audit::{Action, Change, Object},
        fault::Wrong,
        id::TeamId,
        quota::{self, Quota, Use},
    },
};

/// What a team may have and what it uses.
#[derive(Debug, Clone)]
pub struct Standing {
    /// At most; none: as much as there is.
    pub quota: Quota,
    /// Now.
    pub used: Use,
    /// The nodes whose volumes were measured, by id.
    pub measured: Vec<String>,
}

/// The quota of a team, for its members and the owner of the instance.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(cx: &Ctx, team: TeamId) -> Result<Standing, Error> {
    let mut tx = cx.parts.db.read().await?;
    if team != cx.team() && !cx.access.instance() {
        return Err(Error::NotFound("team"));
    }
    db::team::get(&mut tx, team).await?.ok_or(Error::NotFound("team"))?;
    standing(&mut tx, team).await
}

async fn standing(tx: &mut Tx, team: TeamId) -> Result<Standing, Error> {
    let quota = db::quota::get(tx, team).await?;
    let used = db::quota::used(tx, team).await?;
    Ok(Standing { quota, used, measured: db::quota::nodes(tx).await? })
}

/// Sets what a team may have. What runs beyond it goes on; nothing is added to it.
///
/// # Errors
/// [`Error::Forbidden`] for all but the owner of the instance; [`Error::NotFound`]; a fault at each figure that
/// is none.
pub async fn set(cx: &Ctx, team: TeamId, quota: Quota) -> Result<Standing, Error> {
    cx.allow_instance()?;
    check(&quota)?;
    let mut tx = cx.parts.db.write().await?;
    let found = db::team::get(&mut tx, team).await?.ok_or(Error::NotFound("team"))?;
    let before = db::quota::get(&mut tx, team).await?;
    db::quota::put(&mut tx, team, &quota).await?;
    let standing = standing(&mut tx, team).await?;
    let change = Change::of(&serde_json::json!({"quota": before}), &serde_json::json!({"quota": quota}));
    audit::record(cx, &mut tx, Action::TeamChange, Object::team(team, found.name.as_str()), change).await?;
    tx.commit().await?;
    Ok(standing)
}

fn check(quota: &Quota) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (field, value, least, most) in [
        ("apps", quota.apps, 0, 100_000),
        ("builds", quota.builds, 1, 1_000),
        ("nano_cpus", quota.nano_cpus, 0, 1_000_000_000_000_000),
        ("memory", quota.memory, 0, 1 << 50),
        ("storage", quota.storage, 0, 1 << 60),
    ] {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            let rule = match field {
                "memory" => "must be 0 to 1 PiB".to_owned(),
                "storage" => "must be 0 to 1 EiB".to_owned(),
                _ => format!("must be {least} to {most}"),
            };
            faults.push(Wrong::new(format!("{rule}; leave it out for no bound")).at(field));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Refuses `more` apps that have no place in a team any more. To be asked before they are added, in the same
/// transaction.
///
/// # Errors
/// The conflict `quota`.
pub(super) async fn room_for_apps(tx: &mut Tx, team: TeamId, more: i64) -> Result<(), Error> {
    let Some(most) = db::quota::lock(tx, team).await?.and_then(|quota| quota.apps) else { return Ok(()) };
    let used = db::quota::apps(tx, team).await?;
    if used.saturating_add(more) <= most {
        return Ok(());
    }
    let rule = format!(
        "the team has {used} apps, and its quota is {most}: remove one that nobody needs, or ask the owner of the instance for more"
    );
    Err(Error::conflict("quota", rule))
}

/// What the tasks of an app may use as it is wanted now, by what serves; none before its first release.
///
/// # Errors
/// The release cannot be read.
pub(super) async fn claims(cx: &Ctx, app: &App) -> Result<Option<Vec<quota::Claim>>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let release = db::release::current(&mut tx, app.id).await?;
    drop(tx);
    let Some(release) = release else { return Ok(None) };
    let unreadable = |stop| Error::internal(format!("release {}: {stop}", release.number));
    let mut spec = of_release(&cx.parts, &release).await.map_err(unreadable)?;
    crate::deploy::desire::replicate(&mut spec, &App { wanted: Wanted::Running, ..app.clone() });
    Ok(Some(quota::claims(&spec, nodes(&cx.parts).await)))
}

async fn nodes(parts: &Parts) -> i64 {
    let info = parts.engine.info().await;
    info.map_or(1, |info| i64::try_from(info.nodes).unwrap_or(1).max(1))
}

/// Counts what an app that is started or scaled may use, in the transaction that does it.
///
/// # Errors
/// The conflict `quota`, with every reason.
pub(super) async fn count(tx: &mut Tx, app: &App, claims: &[quota::Claim]) -> Result<(), Error> {
    if let Some(quota) = db::quota::lock(tx, app.team).await? {
        let reasons = quota.refuses(db::quota::claimed(tx, app.team, app.id).await?, claims);
        if !reasons.is_empty() {
            return Err(Error::conflict("quota", reasons.join("; ")));
        }
    }
    Ok(db::quota::claim_live(tx, app.id, quota::sum(claims)).await?)
}
