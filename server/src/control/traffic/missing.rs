//! When counts are missing: what is noted, and edges that did not report until now.

use crate::{
    db::{self, Tx, traffic::Gap},
    domain::traffic::WINDOW,
};

/// An edge reports each window; it is late after three.
const LATE: i64 = 3 * WINDOW;

/// Times between `from` and `until` of which counts are missing, those that touch as one; all in seconds
/// since 1970.
///
/// # Errors
/// The database's.
pub async fn missing(tx: &mut Tx, from: i64, until: i64, now: i64) -> Result<Vec<Gap>, db::DbError> {
    let mut all = db::traffic::missing(tx, from, until).await?;
    for edge in db::traffic::silent(tx, now - LATE).await? {
        all.push(Gap { node: edge.node, from_at: edge.until, until_at: now, uncounted: 0 });
    }
    all.retain(|gap| gap.until_at > from && gap.from_at < until);
    Ok(joined(all))
}

fn joined(mut all: Vec<Gap>) -> Vec<Gap> {
    all.sort_by(|a, b| (&a.node, a.from_at).cmp(&(&b.node, b.from_at)));
    let mut joined: Vec<Gap> = Vec::new();
    for gap in all {
        match joined.last_mut() {
            Some(last) if last.node == gap.node && gap.from_at <= last.until_at => {
                last.until_at = last.until_at.max(gap.until_at);
                last.uncounted += gap.uncounted;
            }
            _ => joined.push(gap),
        }
    }
    joined.sort_by_key(|gap| gap.from_at);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_one_edge_that_touch_are_one() {
        let gap = |node: &str, from_at, until_at, uncounted| Gap {
            node: node.to_owned(),
            from_at,
            until_at,
            uncounted,
        };
        let all = vec![gap("a", 50, 60, 1), gap("b", 0, 100, 0), gap("a", 10, 50, 2), gap("a", 70, 80, 0)];
        let wanted = vec![gap("b", 0, 100, 0), gap("a", 10, 60, 3), gap("a", 70, 80, 0)];
        assert_eq!(joined(all), wanted);
    }
}
