//! Adds lines up. Every map is bounded: what is beyond is counted as not counted.

use std::collections::HashMap;

use super::{Access, Countries, path::normalise};
use crate::domain::{
    id::DomainId,
    traffic::{Counts, Top},
};

/// Sums (domain, class, backend) of one window at most: some 300 bytes each.
const GROUPS: usize = 12_000;
/// Paths of all domains at most: some 100 bytes each.
const PATHS: usize = 12_000;

/// What passed since it was last taken.
#[derive(Debug, Default)]
pub struct Counter {
    counts: HashMap<DomainId, Counts>,
    groups: usize,
    /// Paths and countries: over a longer window.
    tops: HashMap<DomainId, Counts>,
    paths: usize,
    path: String,
    countries: Option<Countries>,
}

impl Counter {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(countries: Option<Countries>) -> Self {
        Self { countries, ..Self::default() }
    }

    /// Counts a request for a domain; false if there is no room for it.
    pub fn add(&mut self, domain: DomainId, line: &Access<'_>) -> bool {
        if self.groups >= GROUPS && !self.counts.contains_key(&domain) {
            return false;
        }
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        let counts = self.counts.entry(domain).or_default();
        let (tally, new) = counts.tally(line.class(), line.backend());
        tally.requests += 1;
        tally.bytes_in += size(line.request_content_size);
        tally.bytes_out += size(line.downstream_content_size);
        tally.retries += line.retry_attempts;
        tally.latency.add(line.took());
        self.groups += usize::from(new);
        self.top(domain, line);
        true
    }

    fn top(&mut self, domain: DomainId, line: &Access<'_>) {
        normalise(line.path(), &mut self.path);
        let room = self.paths < PATHS;
        let country = self.countries.as_ref().and_then(|countries| countries.of(&line.client_host));
        if !room && !self.tops.contains_key(&domain) {
            return;
        }
        let tops = self.tops.entry(domain).or_default();
        if room || tops.paths.len() == Top::MOST {
            self.paths += usize::from(tops.paths.add(&self.path));
        }
        if let Some(country) = country {
            *tops.countries.entry(country).or_default() += 1;
        }
    }

    /// The sums, which begin anew.
    pub fn take(&mut self) -> Vec<(DomainId, Counts)> {
        self.groups = 0;
        self.counts.drain().collect()
    }

    /// Paths and countries, which begin anew.
    pub fn take_tops(&mut self) -> Vec<(DomainId, Counts)> {
        self.paths = 0;
        self.tops.drain().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> DomainId {
        DomainId::from_uuid(uuid::Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n))
    }

    fn line(path: &str, backend: &str) -> String {
        format!(
            r#"{{"DownstreamStatus":200,"Duration":1000000,"ServiceAddr":"{backend}","RequestPath":"{path}","DownstreamContentSize":7,"RequestContentSize":-1,"RetryAttempts":1}}"#
        )
    }

    #[test]
    fn sums_are_those_of_the_lines() {
        let mut counter = Counter::new(None);
        for n in 0..10 {
            let text = line(&format!("/orders/{n}?secret=1"), ["10.0.1.5:80", ""][n % 2]);
            assert!(counter.add(id(1), &Access::read(text.as_bytes()).expect("a line")));
        }
        let all = counter.take();
        let [(domain, counts)] = all.as_slice() else { panic!("one domain") };
        assert_eq!((*domain, counts.groups.len()), (id(1), 2));
        for group in &counts.groups {
            let tally = &group.tally;
            assert_eq!((tally.requests, tally.bytes_in, tally.bytes_out, tally.retries), (5, 0, 35, 5));
        }
        let tops = counter.take_tops();
        let paths = tops[0].1.paths.entries();
        assert_eq!((paths.len(), paths[0].name.as_str(), paths[0].count), (1, "/orders/*", 10));
        assert!(counter.take().is_empty() && counter.take_tops().is_empty());
    }

    #[test]
    fn more_domains_than_there_is_room_for_are_told() {
        let mut counter = Counter::new(None);
        let text = line("/", "10.0.1.5:80");
        let line = Access::read(text.as_bytes()).expect("a line");
        let counted = (0..GROUPS as u64 + 500).filter(|n| counter.add(id(*n), &line)).count();
        assert_eq!(counted, GROUPS);
        assert!(counter.add(id(0), &line), "those that are there are counted on");
        assert_eq!(counter.take().len(), GROUPS);
        assert!(counter.add(id(GROUPS as u64), &line), "a new window has room");
    }
}
