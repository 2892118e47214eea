//! Takes what an edge counted, each report once, and hands on what is watched.

use super::watch::watching;
use crate::{
    bus::Hint,
    control::Error,
    db::{
        self,
        traffic::{Edge, Gap},
    },
    deploy::parts::Parts,
    domain::{
        fault::Wrong,
        traffic::{Counted, Counts, Report, TOPS, WINDOW, Watching, Window},
    },
};

/// A clock that is further ahead than this is wrong: its counts would be shown before they are.
const AHEAD: i64 = 3_600;
/// Windows of one report at most.
const WINDOWS: usize = 5_000;

/// Takes a report of whoever showed the edge's token. A repeat changes nothing.
///
/// # Errors
/// Faults in the report; the database does not answer.
pub async fn receive(parts: &Parts, report: Report) -> Result<Watching, Error> {
    let now = parts.clock.now().timestamp();
    if report.node.len() > 255 {
        return Err(Error::wrong("node", Wrong::new("must be at most 255 bytes: the machine's name")));
    }
    if let Some(counted) = report.counted {
        // Behind people and webhooks: what an edge counted can wait.
        let parts = Parts { db: parts.db.behind(), ..parts.clone() };
        let Counted { seq, until, uncounted, last: ended, .. } = counted;
        let edge = Edge { id: report.edge, node: report.node, seq, until, uncounted, ended };
        keep(&parts, &edge, &counted, now).await?;
    }
    if !report.lines.is_empty() || report.skipped > 0 {
        parts.bus.publish(Hint::Requests { lines: report.lines, skipped: report.skipped }).await;
    }
    watching(parts, now).await
}

/// Keeps what was counted in one transaction with the report's number.
async fn keep(parts: &Parts, edge: &Edge, counted: &Counted, now: i64) -> Result<(), Error> {
    let windows = checked(counted, now)?;
    let mut tx = parts.db.write().await?;
    let before = db::traffic::edge(&mut tx, edge.id).await?;
    if !db::traffic::note(&mut tx, edge).await? {
        return Ok(());
    }
    if let Some(gap) = before.and_then(|before| gap(&before, edge, counted.from)) {
        db::traffic::miss(&mut tx, edge.id, &gap).await?;
    }
    for (window, counts) in windows {
        db::traffic::add(&mut tx, window.domain, window.span, window.at, &counts).await?;
    }
    Ok(tx.commit().await?)
}

/// What is missing since the report before: nothing was told of a time, or lines were not counted.
fn gap(before: &Edge, edge: &Edge, from: i64) -> Option<Gap> {
    let uncounted = (edge.uncounted - before.uncounted).max(0);
    let hole = from > before.until;
    (hole || uncounted > 0).then(|| Gap {
        node: edge.node.clone(),
        from_at: if hole { before.until } else { from },
        until_at: if hole { from } else { edge.until },
        uncounted,
    })
}

/// The windows in the order of their domains, so that two reports at once never wait for each other's
/// rows, with their counts as they are kept.
fn checked(counted: &Counted, now: i64) -> Result<Vec<(&Window, String)>, Error> {
    let wrong = |field: String, rule: &str| Err(Error::wrong(&field, Wrong::new(rule)));
    if counted.from > counted.until || counted.until > now + AHEAD || counted.from < 0 {
        return wrong(
            "counted.until".to_owned(),
            "must be after `from` and not ahead of us: set the edge's clock",
        );
    }
    if counted.seq < 1 || counted.uncounted < 0 {
        return wrong("counted.seq".to_owned(), "must count up from 1, and `uncounted` from 0");
    }
    if counted.windows.len() > WINDOWS {
        return wrong("counted.windows".to_owned(), "must be at most 5000 in one report: send several");
    }
    let mut all = Vec::with_capacity(counted.windows.len());
    for (i, window) in counted.windows.iter().enumerate() {
        let field = |name: &str| format!("counted.windows[{i}].{name}");
        if !matches!(window.span, WINDOW | TOPS) {
            return wrong(field("span"), "must be 10 or 300 seconds");
        }
        if window.at % window.span != 0 || window.at < 0 || window.at > now + AHEAD {
            return wrong(field("at"), "must be a multiple of `span`, and not ahead of us");
        }
        match window.counts.parse::<Counts>() {
            Ok(counts) => all.push((window, counts.to_string())),
            Err(not) => return wrong(field("counts"), &not.to_string()),
        }
    }
    all.sort_by_key(|(window, _)| (window.domain, window.span, window.at));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(seq: i64, until: i64, uncounted: i64) -> Edge {
        Edge { id: uuid::Uuid::nil(), node: "edge-1".to_owned(), seq, until, uncounted, ended: false }
    }

    #[test]
    fn what_is_missing_is_known_by_time_or_number() {
        let times = |gap: Option<Gap>| gap.map(|gap| (gap.from_at, gap.until_at, gap.uncounted));
        let before = edge(1, 100, 5);
        assert_eq!(times(gap(&before, &edge(2, 110, 5), 100)), None);
        assert_eq!(times(gap(&before, &edge(2, 110, 5), 90)), None, "a second piece of the same window");
        assert_eq!(times(gap(&before, &edge(4, 140, 5), 130)), Some((100, 130, 0)));
        assert_eq!(times(gap(&before, &edge(4, 140, 25), 130)), Some((100, 130, 20)));
        assert_eq!(times(gap(&before, &edge(2, 110, 6), 100)), Some((100, 110, 1)));
    }
}
