//! Who watches requests as they end: noted for some seconds in SQL, so that whichever server an edge
//! reports to says it; the requests themselves go over the bus and are kept nowhere.

use crate::{
    control::{Ctx, Error},
    db,
    deploy::parts::Parts,
    domain::{
        domain_name::Domain,
        fault::Wrong,
        id::{AppId, DomainId},
        right::Right,
        traffic::Watching,
    },
};

/// A watcher says again that they do before this has passed, seconds.
const FOR: i64 = 8;

/// The domains of an app whose requests the caller may watch: all of them, or one.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; a fault at `domain`.
pub async fn watched(cx: &Ctx, app: AppId, domain: Option<DomainId>) -> Result<Vec<Domain>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::Logs).await?;
    let mut all = db::domain_name::of_app(&mut tx, app).await?;
    all.retain(|of| domain.is_none_or(|id| id == of.id));
    if domain.is_some() && all.is_empty() {
        return Err(Error::wrong("domain", Wrong::new("must be the id of one of the app's domains")));
    }
    Ok(all)
}

/// Watches domains for some seconds more; again before [`FOR`].
///
/// # Errors
/// As [`watched`].
pub async fn watch(cx: &Ctx, app: AppId, domain: Option<DomainId>) -> Result<Vec<Domain>, Error> {
    let all = watched(cx, app, domain).await?;
    let until = cx.now().timestamp() + FOR;
    let mut tx = cx.parts.db.behind().write().await?;
    for domain in &all {
        db::traffic::watch(&mut tx, domain.id, until).await?;
    }
    tx.commit().await?;
    Ok(all)
}

/// What an edge is told.
pub(super) async fn watching(parts: &Parts, now: i64) -> Result<Watching, Error> {
    let mut tx = parts.db.read().await?;
    Ok(Watching { watch: db::traffic::watched(&mut tx, now).await? })
}
