//! Takes away what nothing needs any more: old configs and secrets, images of forgotten releases,
//! ended sessions, old jobs and bodies. Never a volume.

use std::collections::BTreeSet;

use chrono::Duration;
use skep_stack::plan::collect;

use super::Trouble;
use crate::{
    db,
    deploy::{archive, parts::Parts, plan::of_release},
    domain::app::{App, Source},
};

/// An upload that no app names any more is kept for this long: a deployment may be on its way.
const UPLOADS: std::time::Duration = std::time::Duration::from_secs(86_400);
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
    db::identity::sweep_failures(&mut tx, now - Duration::days(1)).await?;
    db::job::sweep(&mut tx, now - Duration::days(7)).await?;
    db::delivery::sweep(&mut tx, now - Duration::days(7)).await?;
    db::acme::sweep_challenges(&mut tx, now).await?;
    let platform = db::setting::get(&mut tx, "public_host").await?.unwrap_or_default();
    db::acme::remove_unused(&mut tx, &platform).await?;
    tx.commit().await?;

    let mut tx = parts.db.read().await?;
    let apps = db::app::all(&mut tx).await?;
    let open = db::deployment::open(&mut tx).await?;
    drop(tx);
    let mut needed = BTreeSet::new();
    let mut busy = BTreeSet::new();
    for deployment in open {
        busy.insert(deployment.app);
    }
    for app in &apps {
        // What a running deployment just made is not yet named by any release.
        if !busy.contains(&app.id) {
            tidy(&parts, app, &mut needed).await?;
        }
    }
    for (image, owner) in parts.engine.images_labelled(skep_stack::labels::APP).await? {
        let theirs = apps.iter().find(|app| app.id.to_string() == owner);
        if image.starts_with("skep.invalid/")
            && theirs.is_none_or(|app| !busy.contains(&app.id))
            && !needed.contains(&image)
        {
            let _ = parts.engine.remove_image(&image).await;
        }
    }
    let digests = apps.iter().filter_map(|app| match &app.source {
        Source::Upload { digest } => digest.clone(),
        _ => None,
    });
    let (digests, data) = (digests.collect(), parts.instance.data.clone());
    let swept =
        tokio::task::spawn_blocking(move || archive::sweep(&data, &digests, now.into(), UPLOADS)).await;
    swept.map_err(|e| Trouble::Other(e.to_string()))?.map_err(|e| Trouble::Other(e.to_string()))?;
    Ok(())
}

async fn tidy(parts: &Parts, app: &App, needed: &mut BTreeSet<String>) -> Result<(), Trouble> {
    let mut tx = parts.db.read().await?;
    let releases = db::release::list(&mut tx, app.id, KEPT).await?;
    drop(tx);
    let mut kept = Vec::new();
    for release in &releases {
        needed.extend(release.images.values().cloned());
        kept.push(of_release(parts, release).await.map_err(|e| Trouble::Other(e.to_string()))?);
    }
    let observed = parts.engine.observe(&app.stack).await?;
    for action in collect(&observed, &kept) {
        let _ = parts.engine.perform(&action, None).await;
    }
    Ok(())
}
