//! Whether the owner of a name lets a CA issue for it (CAA, RFC 8659): what the CA will refuse is
//! not ordered.
//!
//! A resolver that does not answer forbids nothing here: the CA asks for itself, and has the last
//! word.

use super::dns::Resolver;
use crate::domain::host_pattern::HostPattern;

/// One CAA record (RFC 8659, 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Who does not understand the tag must not issue.
    pub critical: bool,
    /// What it speaks of: `issue`, `issuewild`, `iodef`...
    pub tag: String,
    /// What it says.
    pub value: String,
}

/// Why a CA that goes by the names `identities` (`caaIdentities` of its directory, RFC 8555, 7.1.1)
/// may not issue for `host`; nothing if it may, or if that cannot be known.
pub async fn objection(resolver: &dyn Resolver, host: &HostPattern, identities: &[String]) -> Option<String> {
    if identities.is_empty() {
        return None;
    }
    // The nearest set up the tree rules alone (RFC 8659, 3).
    let mut name = host.base();
    let records = loop {
        match resolver.caa(name).await {
            Ok(records) if !records.is_empty() => break records,
            Ok(_) => name = name.split_once('.')?.1,
            Err(why) => {
                tracing::debug!(%host, name, why, "The CAA records of {name} cannot be looked up");
                return None;
            }
        }
    };
    // What is said of wildcards rules there alone (RFC 8659, 4.3).
    let wild = host.is_wildcard() && records.iter().any(|record| is(record, "issuewild"));
    let tag = if wild { "issuewild" } else { "issue" };
    (!permits(&records, tag, identities)).then(|| {
        let allowed: Vec<&str> = records.iter().filter(|r| is(r, tag)).map(|r| issuer(&r.value)).collect();
        let allowed = match allowed.iter().filter(|name| !name.is_empty()).copied().collect::<Vec<_>>() {
            some if !some.is_empty() => format!("only {}", some.join(", ")),
            _ => "no authority".to_owned(),
        };
        let us = identities.join(" or ");
        format!(
            "the CAA record of {name} lets {allowed} issue certificates: add `{tag} \"{}\"` there, or use another authority (this one is {us})",
            identities[0],
        )
    })
}

fn is(record: &Record, tag: &str) -> bool {
    record.tag.eq_ignore_ascii_case(tag)
}

/// The name of the CA in a value; its parameters follow behind `;`. Empty: nobody.
fn issuer(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether one of `identities` may issue by the records of `tag` (RFC 8659, 4.2, 4.3 and 4.5).
fn permits(records: &[Record], tag: &str, identities: &[String]) -> bool {
    const KNOWN: [&str; 3] = ["issue", "issuewild", "iodef"];
    if records.iter().any(|record| record.critical && !KNOWN.iter().any(|tag| is(record, tag))) {
        return false;
    }
    let mut rules = records.iter().filter(|record| is(record, tag)).peekable();
    rules.peek().is_none()
        || rules.any(|rule| identities.iter().any(|us| us.eq_ignore_ascii_case(issuer(&rule.value))))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::IpAddr};

    use async_trait::async_trait;

    use super::*;
    use crate::domain::domain_name::Hostname;

    /// The records of each name; a name that is not there has none, `!` in a tag is no answer.
    struct Zone(BTreeMap<&'static str, Vec<Record>>);

    #[async_trait]
    impl Resolver for Zone {
        async fn addresses(&self, _: &Hostname) -> Result<Vec<IpAddr>, String> {
            Ok(Vec::new())
        }
        async fn caa(&self, name: &str) -> Result<Vec<Record>, String> {
            let records = self.0.get(name).cloned().unwrap_or_default();
            if records.iter().any(|r| r.tag == "!") { Err("SERVFAIL".into()) } else { Ok(records) }
        }
    }

    fn record(tag: &str, value: &str) -> Record {
        Record { critical: false, tag: tag.to_owned(), value: value.to_owned() }
    }

    async fn at_shop(zone: &[(&'static str, &[Record])]) -> Option<String> {
        at("shop.example.org", zone).await
    }

    async fn at(host: &str, zone: &[(&'static str, &[Record])]) -> Option<String> {
        let zone = Zone(zone.iter().map(|(name, records)| (*name, records.to_vec())).collect());
        let host = HostPattern::parse(host).unwrap();
        objection(&zone, &host, &["ca.example".to_owned(), "ca.example.net".to_owned()]).await
    }

    #[tokio::test]
    async fn case_096_the_nearest_records_rule() {
        let (ours, theirs) = (record("issue", "ca.example; account=7"), record("issue", "other.example"));
        assert_eq!(at_shop(&[]).await, None);
        let (our, their) = (std::slice::from_ref(&ours), std::slice::from_ref(&theirs));
        assert_eq!(at_shop(&[("example.org", our)]).await, None);
        assert_eq!(
            at_shop(&[("example.org", &[theirs.clone(), record("ISSUE", "CA.example.net")])]).await,
            None
        );
        let why = at_shop(&[("example.org", their)]).await.unwrap();
        assert!(
            ["example.org", "other.example", "issue \"ca.example\""].iter().all(|w| why.contains(w)),
            "{why}"
        );
        // What stands nearer counts alone, for and against.
        assert_eq!(at_shop(&[("shop.example.org", our), ("org", their)]).await, None);
        assert!(at_shop(&[("shop.example.org", their), ("example.org", our)]).await.is_some());
    }

    #[tokio::test]
    async fn case_096_wildcards_have_a_word_of_their_own() {
        let (ours, nobody) = (record("issue", "ca.example"), record("issuewild", ";"));
        let both = [ours.clone(), nobody];
        assert!(at("*.shop.example.org", &[("example.org", &both)]).await.unwrap().contains("issuewild"));
        assert_eq!(at_shop(&[("example.org", &both)]).await, None);
        assert_eq!(at("*.shop.example.org", &[("shop.example.org", &[ours])]).await, None);
        let wild = [record("issue", ";"), record("issuewild", "ca.example")];
        assert_eq!(at("*.shop.example.org", &[("shop.example.org", &wild)]).await, None);
        assert!(at_shop(&[("shop.example.org", &wild)]).await.is_some());
    }

    #[tokio::test]
    async fn case_096_who_may_issue() {
        for nobody in [";", "", "; policy=x"] {
            let why = at_shop(&[("example.org", &[record("issue", nobody)])]).await.unwrap();
            assert!(why.contains("no authority"), "{why}");
        }
        // No word on issuing, or on wildcards alone.
        assert_eq!(at_shop(&[("example.org", &[record("iodef", "mailto:a@example.org")])]).await, None);
        assert_eq!(at_shop(&[("example.org", &[record("issuewild", ";")])]).await, None);
        // A word that nobody knows, and that must be known.
        assert_eq!(at_shop(&[("example.org", &[record("tbs", "x")])]).await, None);
        let critical = Record { critical: true, ..record("tbs", "x") };
        assert!(at_shop(&[("example.org", &[critical])]).await.is_some());
        // No answer is no objection, whatever stands above.
        let above = [record("issue", ";")];
        assert_eq!(at_shop(&[("example.org", &[record("!", "")]), ("org", &above)]).await, None);
    }
}
