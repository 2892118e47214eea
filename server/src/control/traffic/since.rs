//! What came to an app since a moment, by backend: for a canary that decides, and for alerts.
//!
//! The figures are asked by `domain::traffic::{rate, error_share, percentile}`. What is counted comes some
//! twelve seconds after the request ended: the window's ten, and a report.

use std::collections::BTreeMap;

use crate::{
    db::{self, Tx},
    domain::{
        id::AppId,
        traffic::{Counts, Summary},
    },
};

/// Requests of an app by the backend (`address:port`) that answered, in windows that began at `from` or
/// later: seconds since 1970. Only the edges' own answers are under `-`.
///
/// # Errors
/// The database's.
pub async fn since(tx: &mut Tx, app: AppId, from: i64) -> Result<BTreeMap<String, Summary>, db::DbError> {
    let mut all = Counts::default();
    for row in db::traffic::of_app(tx, app, None, from, i64::MAX).await? {
        // What was written was read before.
        all.merge(&row.counts.parse::<Counts>().unwrap_or_default());
    }
    Ok(Summary::by_backend(&all))
}
