//! Chooses the directory of an environment.

use serde_json::json;

use super::{
    super::{Ctx, Error, audit},
    named,
};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        id::EnvironmentId,
        right::Right,
    },
};

/// What an environment has chosen.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn chosen(cx: &Ctx, id: EnvironmentId) -> Result<Option<String>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.environment(&mut tx, id, Right::View).await?;
    Ok(db::acme_directory::of_environment(&mut tx, id).await?)
}

/// From now on the environment's hosts have their certificates from this directory alone; none: as the
/// instance's. What is there stays until it is renewed.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; no such directory in the list, at `directory`.
pub async fn choose(cx: &Ctx, id: EnvironmentId, directory: Option<&str>) -> Result<Option<String>, Error> {
    let mut tx = cx.parts.db.write().await?;
    let environment = cx.environment(&mut tx, id, Right::Environments).await?;
    let chosen = named(cx, &mut tx, directory).await?;
    let before = db::acme_directory::of_environment(&mut tx, id).await?;
    db::acme_directory::choose(&mut tx, id, chosen.as_deref()).await?;
    let told = |directory: &Option<String>| json!({ "directory": directory });
    let change = Change::of(&told(&before), &told(&chosen));
    audit::record(cx, &mut tx, Action::EnvironmentChange, Object::environment(&environment), change).await?;
    tx.commit().await?;
    Ok(chosen)
}
