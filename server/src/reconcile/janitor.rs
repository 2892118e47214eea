//! Takes away what nothing needs any more, so that no disk fills: old configs and secrets, images
//! of forgotten releases, cached layers, mirrors, workspaces and uploads, logs of forgotten
//! deployments, ended sessions, old jobs and bodies, old entries of the audit log. Never a volume. And
//! it ends deployments that were left alone, or that nobody approved.
//!
//! To add a kind: a line in [`round`]; what is more than a line has a file below `janitor`.

mod folders;
mod images;

use std::collections::BTreeSet;

use chrono::Duration;
use skep_stack::{labels, models::Service, plan::collect};

use super::{Trouble, audit};
use crate::{
    db,
    deploy::{give_up::give_up, parts::Parts, plan::of_release, protected::expire, queue::job_of, trial},
    domain::{app::App, deployment::Deployment, id::AppId},
};

/// Cached layers of builds that are kept, bytes.
const LAYERS: u64 = 20 << 30;
/// Releases of which configs, secrets and images are kept, at most.
const KEPT: i64 = 100;

/// One tidy round.
///
/// # Errors
/// See [`Trouble`].
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let now = parts.clock.now();
    let mut tx = parts.db.write().await?;
    db::identity::sweep_sessions(&mut tx, now).await?;
    db::two_factor::sweep_pending(&mut tx, now).await?;
    db::sso::sweep(&mut tx, now).await?;
    db::passkey::sweep_challenges(&mut tx, now).await?;
    db::team::sweep_invitations(&mut tx, now).await?;
    db::identity::sweep_failures(&mut tx, now - Duration::days(1)).await?;
    db::job::sweep(&mut tx, now - Duration::days(7)).await?;
    db::delivery::sweep(&mut tx, now - Duration::days(7)).await?;
    db::log::sweep(&mut tx, now - Duration::days(30)).await?;
    db::step::sweep(&mut tx, now - Duration::days(30)).await?;
    db::acme::sweep_challenges(&mut tx, now).await?;
    db::certificate_order::sweep(&mut tx, now - Duration::days(8)).await?;
    let platform = db::setting::get(&mut tx, "public_host").await?.unwrap_or_default();
    db::acme::remove_unused(&mut tx, &platform).await?;
    tx.commit().await?;
    audit::sweep(&parts).await?;

    let mut tx = parts.db.read().await?;
    let apps = db::app::all(&mut tx).await?;
    let open = db::deployment::open(&mut tx).await?;
    drop(tx);
    expire(&parts).await?;
    abandoned(&parts, &open).await?;
    let busy: BTreeSet<AppId> = open.iter().map(|deployment| deployment.app).collect();
    // What is on disk needs no engine: it is cleared first.
    folders::sweep(&parts, &apps, &open).await?;
    let mut needed = images::Needed::default();
    for app in &apps {
        // What a running deployment just made is not yet named by any release.
        if !busy.contains(&app.id) {
            tidy(&parts, app, &mut needed).await?;
        }
    }
    images::sweep(&parts, &apps, &busy, &needed).await?;
    parts.builder.prune(LAYERS).await.map_err(|e| Trouble::Other(e.to_string()))?;
    Ok(())
}

/// Ends deployments that no job works for, nor ever will: one of a newer program could not be read.
async fn abandoned(parts: &Parts, open: &[Deployment]) -> Result<(), Trouble> {
    for deployment in open {
        let mut tx = parts.db.write().await?;
        if !db::job::waits(&mut tx, job_of(deployment.id)).await? {
            give_up(&mut tx, parts, deployment.id, "its job is gone").await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn tidy(parts: &Parts, app: &App, needed: &mut images::Needed) -> Result<(), Trouble> {
    // The swarm first, the records after it: what was seen there is of a release by now, or of a
    // deployment that is still open, whose objects no release and no service names yet.
    let observed = parts.engine.observe(&app.stack).await?;
    let mut tx = parts.db.read().await?;
    let releases = db::release::list(&mut tx, app.id, KEPT).await?;
    let busy = db::deployment::open(&mut tx).await?.iter().any(|deployment| deployment.app == app.id);
    drop(tx);
    let mut kept = Vec::new();
    for release in &releases {
        needed.add(release);
        kept.push(of_release(parts, release).await.map_err(|e| Trouble::Other(e.to_string()))?);
    }
    let trial = |service: &Service| {
        let labels = service.spec.as_ref().and_then(|spec| spec.labels.as_ref());
        labels.is_some_and(|labels| labels.contains_key(labels::TRIAL))
    };
    if !busy && observed.services.values().any(trial) {
        // Its deployment ended while the engine did not answer, or with its last try.
        trial::end(parts, app.id, &app.stack).await.map_err(|e| Trouble::Other(e.to_string()))?;
    }
    let old = if busy { Vec::new() } else { collect(&observed, &kept) };
    for action in old {
        let _ = parts.engine.perform(&action, None).await;
    }
    Ok(())
}
