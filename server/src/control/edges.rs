//! The replicas of the edge: what each serves, as it says itself, beside what it is to serve.

use super::{Ctx, Error};
use crate::{
    db,
    deploy::parts::Parts,
    domain::{clock::Time, fault::Wrong},
    edge::keeper::{Replica, Report},
};

/// A replica reports each 5 s (`edge/keeper/skep.rs`): after three of them it counts as silent.
const SILENT: chrono::Duration = chrono::Duration::seconds(16);
/// A silent one is shown for so long; one that ends says so itself.
const SHOWN: chrono::Duration = chrono::Duration::days(1);
/// Names and versions are short.
const MOST: usize = 255;

/// How a replica stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeState {
    /// It serves what is true now.
    Current,
    /// It has not loaded what is true now yet.
    Behind,
    /// It has not been heard of for a while; it may well serve.
    Silent,
}

impl EdgeState {
    /// As the API says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Behind => "behind",
            Self::Silent => "silent",
        }
    }
}

/// A replica of the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// New with each start.
    pub id: Replica,
    /// Its node's name.
    pub node: String,
    /// The version that it serves.
    pub loaded: Option<String>,
    /// Its keeper's version.
    pub program: String,
    /// Its first report.
    pub started_at: Time,
    /// Its last report.
    pub seen_at: Time,
    /// Measured by what is true now.
    pub state: EdgeState,
}

/// Stores what a replica says of itself.
///
/// # Errors
/// A text that is too long; the database's.
pub async fn seen(parts: &Parts, id: Replica, report: &Report) -> Result<(), Error> {
    let texts = [Some(&report.node), report.loaded.as_ref(), Some(&report.program)];
    if texts.into_iter().flatten().any(|text| text.len() > MOST) {
        let rule = "each text may have 255 characters: reports come from the keeper of an edge alone";
        return Err(Error::wrong("report", Wrong::coded("too_long", rule)));
    }
    let now = parts.clock.now();
    let mut tx = parts.db.write().await?;
    db::edge::seen(&mut tx, id, report, now, now - SHOWN).await?;
    Ok(tx.commit().await?)
}

/// Forgets a replica that says that it ends.
///
/// # Errors
/// The database's.
pub async fn gone(parts: &Parts, id: Replica) -> Result<(), Error> {
    let mut tx = parts.db.write().await?;
    db::edge::gone(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// All replicas, by node.
///
/// # Errors
/// [`Error::Forbidden`] but for the owner of the instance.
pub async fn list(cx: &Ctx) -> Result<Vec<Edge>, Error> {
    cx.allow_instance()?;
    let mut tx = cx.parts.db.read().await?;
    let rows = db::edge::list(&mut tx).await?;
    let now = cx.parts.clock.now();
    let current = cx.parts.edge.current().map(|document| document.version.clone());
    Ok(rows.into_iter().map(|row| edge(row, current.as_deref(), now)).collect())
}

fn edge(row: db::edge::Row, current: Option<&str>, now: Time) -> Edge {
    let state = if now - row.seen_at > SILENT {
        EdgeState::Silent
    } else if current.is_some() && row.loaded.as_deref() == current {
        EdgeState::Current
    } else {
        EdgeState::Behind
    };
    let db::edge::Row { id, node, loaded, program, started_at, seen_at } = row;
    Edge { id, node, loaded, program, started_at, seen_at, state }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};

    #[test]
    fn a_replica_stands_as_it_serves() {
        let now = SystemClock.now();
        let row = |loaded: Option<&str>, seen: i64| db::edge::Row {
            id: SystemClock.uuid(),
            node: "hive-1".into(),
            loaded: loaded.map(Into::into),
            program: "0.1.0".into(),
            started_at: now - chrono::Duration::days(1),
            seen_at: now - chrono::Duration::seconds(seen),
        };
        for (row, current, state) in [
            (row(Some("a"), 1), Some("a"), EdgeState::Current),
            (row(Some("a"), 1), Some("b"), EdgeState::Behind),
            (row(None, 1), Some("b"), EdgeState::Behind),
            (row(None, 1), None, EdgeState::Behind),
            (row(Some("a"), 61), Some("a"), EdgeState::Silent),
        ] {
            assert_eq!(edge(row.clone(), current, now).state, state, "{row:?} {current:?}");
        }
    }
}
