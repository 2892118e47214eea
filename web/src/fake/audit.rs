//! The audit log: a few entries of each kind.

use super::Fake;
use crate::api::{
    AuditChainView, AuditEntryView, AuditFilter, AuditPage, Audits, ChangeView, Error, Result, Time,
};

#[async_trait::async_trait]
impl Audits for Fake {
    async fn audit(&self, filter: AuditFilter, count: u32) -> Result<AuditPage> {
        drop(self.state()?);
        if !filter.from.is_empty() && filter.from.len() != 10 {
            return Err(Error::invalid("from", "must be a date or a time: `2026-11-22`"));
        }
        let before = filter.cursor.parse().unwrap_or(i64::MAX);
        let mut entries = if self.mood == super::Mood::Empty { Vec::new() } else { entries(self.now) };
        entries.retain(|entry| {
            entry.seq < before
                && entry.action.starts_with(&filter.action)
                && entry.who.contains(&filter.actor)
                && (filter.outcome.is_empty() || (filter.outcome == "refused") == entry.refused.is_some())
        });
        let more = entries.len() > count as usize;
        entries.truncate(count as usize);
        let next = entries.last().filter(|_| more).map(|entry| entry.seq.to_string());
        Ok(AuditPage { entries, next, key: "3b6a27bcceb6a42d62a3a8d02a6f0d73".repeat(2), days: 400 })
    }

    async fn verify_audit(&self) -> Result<Vec<AuditChainView>> {
        self.up()?;
        let chain = |chain: &str, entries, findings| AuditChainView {
            chain: chain.into(),
            entries,
            signed: 118,
            findings,
        };
        Ok(vec![chain("team", 120, Vec::new()), chain("instance", 9, vec!["entry 7 is missing".to_owned()])])
    }
}

fn entries(now: Time) -> Vec<AuditEntryView> {
    let change = |path: &str, from: Option<&str>, to: Option<&str>| ChangeView {
        path: path.into(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    let kinds = [
        ("app.configure", "app", "web", None, vec![change("settings.port", Some("80"), Some("8080"))]),
        ("variable.set", "variable", "DATABASE_URL", None, vec![change("value", None, Some("(secret)"))]),
        ("http.request", "route", "DELETE /api/v1/apps/{id}", Some("forbidden"), Vec::new()),
        ("session.begin", "person", "<grace@example.org>", Some("wrong_login"), Vec::new()),
        ("audit.sweep", "audit", "", None, vec![change("last", Some("70"), None)]),
    ];
    let entry = |seq: i64| {
        let (action, kind, object, refused, changes) = kinds[usize::try_from(seq % 5).unwrap_or(0)].clone();
        AuditEntryView {
            seq,
            at: Time(now.0 - (121 - seq) * 240_000),
            who: ["ada@example.org", "grace@example.org", "nobody", "nobody", "Skep"]
                [usize::try_from(seq % 5).unwrap_or(0)]
            .into(),
            means: if seq % 5 < 2 {
                "token 01900000-0000-7000-8000-000000000000".into()
            } else {
                String::new()
            },
            address: if seq % 5 == 4 { String::new() } else { "203.0.113.9".into() },
            action: action.into(),
            kind: kind.into(),
            object: object.into(),
            refused: refused.map(str::to_owned),
            changes,
            request: format!("{seq:032x}"),
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        }
    };
    (71..=120).rev().map(entry).collect()
}
