//! What is asked of the log, as it comes from a query or a form: texts, checked here for both.

use chrono::{NaiveDate, NaiveTime};

use super::{Chain, Error};
use crate::{
    db::audit::Filter,
    domain::{
        clock::Time,
        fault::{Fault, Wrong},
    },
};

/// Characters of one text.
const LONGEST: usize = 200;

/// What is asked; an empty text asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// `team` or `instance`.
    pub chain: String,
    /// Older than this entry.
    pub cursor: String,
    /// See [`Filter::actor`].
    pub actor: String,
    /// See [`Filter::action`].
    pub action: String,
    /// See [`Filter::kind`].
    pub kind: String,
    /// See [`Filter::object`].
    pub object: String,
    /// See [`Filter::outcome`].
    pub outcome: String,
    /// See [`Filter::project`].
    pub project: String,
    /// Not older: a date, or a time (RFC 3339).
    pub from: String,
    /// Not newer: a date, that day included, or a time.
    pub to: String,
    /// See [`Filter::text`].
    pub text: String,
}

impl Asked {
    /// The chain and the filter.
    ///
    /// # Errors
    /// Every wrong field at once.
    pub fn checked(self) -> Result<(Chain, Filter), Error> {
        let mut faults = Vec::new();
        let chain = match self.chain.trim() {
            "" | "team" => Chain::Team,
            "instance" => Chain::Instance,
            _ => {
                faults.push(Wrong::new("must be `team` or `instance`").at("chain"));
                Chain::Team
            }
        };
        let mut text = |field: &str, value: &str| {
            let value = value.trim();
            if value.chars().count() > LONGEST || value.contains('\0') {
                faults.push(Wrong::new(format!("must have at most {LONGEST} characters")).at(field));
            }
            value.to_owned()
        };
        let mut filter = Filter {
            // As in every list, what no page gave leads to its begin.
            before: self.cursor.trim().parse().unwrap_or(i64::MAX),
            actor: text("actor", &self.actor),
            action: text("action", &self.action),
            kind: text("kind", &self.kind),
            object: text("object", &self.object),
            outcome: text("outcome", &self.outcome),
            project: text("project", &self.project),
            text: text("text", &self.text),
            ..Filter::default()
        };
        if let Some(from) = moment("from", &self.from, 0, &mut faults) {
            filter.from = from;
        }
        if let Some(to) = moment("to", &self.to, 1, &mut faults) {
            filter.to = to;
        }
        if faults.is_empty() { Ok((chain, filter)) } else { Err(Error::Invalid(faults)) }
    }
}

/// Microseconds of a time, or of a date's begin, so many days later.
fn moment(field: &str, text: &str, days: u64, faults: &mut Vec<Fault>) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let date = text.parse::<NaiveDate>().ok().and_then(|date| date.checked_add_days(chrono::Days::new(days)));
    let at = date.map(|date| date.and_time(NaiveTime::MIN).and_utc()).or_else(|| text.parse::<Time>().ok());
    if at.is_none() {
        faults.push(Wrong::new("must be a date or a time: `2026-11-22`, `2026-11-22T08:00:00Z`").at(field));
    }
    at.map(|at| at.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_and_all_faults_are_told() {
        let asked = Asked { from: "2026-11-22".into(), to: "2026-11-22".into(), ..Asked::default() };
        let (chain, filter) = asked.checked().expect("right");
        assert_eq!((chain, filter.to - filter.from), (Chain::Team, 86_400_000_000));
        let wrong = Asked {
            chain: "all".into(),
            actor: "a".repeat(201),
            from: "soon".into(),
            to: "22.11.2026".into(),
            ..Asked::default()
        };
        let Err(Error::Invalid(faults)) = wrong.checked() else { panic!("taken") };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["chain", "actor", "from", "to"]);
    }
}
