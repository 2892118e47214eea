//! How a person's two-factor sign-in stands.

use crate::{
    control::{Ctx, Error},
    db,
    domain::clock::Time,
};

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when a code is asked for; none: it is off.
    pub since: Option<Time>,
    /// It was begun, and no code was shown yet.
    pub begun: bool,
    /// Recovery codes that were not used.
    pub codes_left: i64,
}

/// The actor's.
///
/// # Errors
/// The database.
pub async fn show(cx: &Ctx) -> Result<Standing, Error> {
    let mut tx = cx.parts.db.read().await?;
    let found = db::two_factor::load(&mut tx, cx.actor.user).await?;
    let codes_left = db::two_factor::count_codes(&mut tx, cx.actor.user).await?;
    let since = found.as_ref().and_then(|found| found.confirmed_at);
    Ok(Standing { since, begun: found.is_some() && since.is_none(), codes_left })
}
