//! The newest entries that meet a filter.

use super::{Row, Tx, fetch_all};
use crate::domain::{audit::Entry, id::TeamId};

const LIST: &str = "SELECT * FROM audit_entry WHERE team_id = $1 AND seq < $2 AND at >= $3 AND at < $4 \
    AND ($5 = '' OR person = $5 OR doer = $5 OR lower(called) LIKE $6 ESCAPE '\\') \
    AND action LIKE $7 ESCAPE '\\' \
    AND ($8 = '' OR kind = $8) AND ($9 = '' OR object = $9) AND ($10 = '' OR outcome = $10 OR code = $10) \
    AND ($11 = '' OR project = $11) \
    AND lower(called || ' ' || address || ' ' || action || ' ' || code || ' ' || object || ' ' || name || ' ' || changes) \
    LIKE $12 ESCAPE '\\' ORDER BY seq DESC LIMIT $13";

pub(super) const QUERIES: &[&str] = &[LIST];

/// Which entries; an empty text asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Older than this one.
    pub before: i64,
    /// Not older than this: microseconds since 1970.
    pub from: i64,
    /// Older than this.
    pub to: i64,
    /// By this person (an id, or a part of what they were called), or by `nobody` or `machine`.
    pub actor: String,
    /// What begins so: `app.`.
    pub action: String,
    /// To this kind of thing.
    pub kind: String,
    /// To the thing with this id.
    pub object: String,
    /// `done`, `refused`, or the code of a refusal.
    pub outcome: String,
    /// In this project, by its id.
    pub project: String,
    /// With this text anywhere.
    pub text: String,
}

impl Default for Filter {
    fn default() -> Self {
        let none = String::new;
        Self {
            before: i64::MAX,
            from: i64::MIN,
            to: i64::MAX,
            actor: none(),
            action: none(),
            kind: none(),
            object: none(),
            outcome: none(),
            project: none(),
            text: none(),
        }
    }
}

/// The newest entries of a chain that meet the filter, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId, f: &Filter, count: i64) -> sqlx::Result<Vec<Entry>> {
    let rows = fetch_all!(
        tx,
        Row,
        LIST,
        team,
        f.before,
        f.from,
        f.to,
        &f.actor,
        format!("%{}%", literal(&f.actor.to_ascii_lowercase())),
        format!("{}%", literal(&f.action)),
        &f.kind,
        &f.object,
        &f.outcome,
        &f.project,
        format!("%{}%", literal(&f.text.to_ascii_lowercase())),
        count,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// A text that LIKE takes as it is.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    #[test]
    fn signs_of_like_are_plain_text() {
        assert_eq!(super::literal(r"a%b_c\d"), r"a\%b\_c\\d");
    }
}
