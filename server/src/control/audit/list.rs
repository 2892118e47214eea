//! The newest entries that meet a filter, page by page.

use super::{Chain, Ctx, Error, readable};
use crate::{
    db::{self, audit::Filter},
    domain::audit::Entry,
};

/// Entries, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Give it as [`Filter::before`] to get older ones; none if there are none.
    pub next: Option<i64>,
}

/// At most `count` entries of a chain.
///
/// # Errors
/// The caller may not read it.
pub async fn list(cx: &Ctx, chain: Chain, filter: &Filter, count: i64) -> Result<Page, Error> {
    readable(cx, chain)?;
    let mut tx = cx.parts.db.read().await?;
    // One more tells whether there are more.
    let mut entries = db::audit::list(&mut tx, chain.of(cx), filter, count + 1).await?;
    let more = i64::try_from(entries.len()).is_ok_and(|found| found > count);
    if more {
        entries.pop();
    }
    let next = entries.last().filter(|_| more).map(|entry| entry.seq);
    Ok(Page { entries, next })
}
