//! Which variables an app requires, and which of them are missing: what would stop its next deployment.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{id::AppId, right::Right, variable::Scope},
};

/// How a required variable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has a value.
    Set,
    /// It is there, and empty.
    Empty,
    /// It is not there.
    Missing,
}

impl Standing {
    /// As programs know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Empty => "empty",
            Self::Missing => "missing",
        }
    }
}

/// The names that the app's settings require, in their order.
///
/// # Errors
/// [`Error::NotFound`] of the app.
pub async fn required(cx: &Ctx, app: AppId) -> Result<Vec<(String, Standing)>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, app, Right::View).await?;
    let all = db::variable::list(&mut tx, Scope::App(app.id)).await?;
    drop(tx);
    let standing = |name: &String| {
        let Some(found) = all.iter().find(|variable| variable.key.as_str() == name) else {
            return Ok(Standing::Missing);
        };
        let value = cx.parts.seal.open_text("variable", &found.sealed)?;
        Ok(if value.expose().is_empty() { Standing::Empty } else { Standing::Set })
    };
    app.settings.required.into_iter().map(|name| standing(&name).map(|standing| (name, standing))).collect()
}
