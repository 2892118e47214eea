//! What was counted of one domain in one span of time, and how it is kept: as lines of text, so that
//! one text behind another is the sum of both, which any number of edges add to in one statement.
//!
//! `c CLASS BACKEND REQUESTS IN OUT RETRIES HISTOGRAM`, for each status class and backend;
//! `p COUNT OVER PATH ...`, one sketch of paths; `g COUNTRY COUNT ...`, requests by country.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::{Entry, Histogram, Top};

/// Groups of a domain at most; what is more counts under the backend `*`.
const MOST: usize = 200;
/// Of a backend or path that much is kept, bytes.
const LONGEST: usize = 200;

/// A text is no counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be lines of counts as an edge writes them")]
pub struct NotCounts;

/// Sums over requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Requests that ended.
    pub requests: u64,
    /// Bytes of their bodies.
    pub bytes_in: u64,
    /// Bytes of the bodies that were answered.
    pub bytes_out: u64,
    /// Times that the edge asked again.
    pub retries: u64,
    /// How long they took, to the last byte.
    pub latency: Histogram,
}

impl Tally {
    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bytes_in = self.bytes_in.saturating_add(other.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        self.retries += other.retries;
        self.latency.merge(&other.latency);
    }
}

/// Requests that one backend answered with one class of status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// 1 to 5: the first digit of the status. 1 is what became a WebSocket or the like.
    pub class: u8,
    /// `address:port`; `-` if the edge answered by itself, `*` for those that were too many.
    pub backend: String,
    /// The sums.
    pub tally: Tally,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// By class and backend, in the order in which they came.
    pub groups: Vec<Group>,
    /// The paths that were asked for most.
    pub paths: Top,
    /// Requests by country: ISO 3166-1, two letters.
    pub countries: BTreeMap<[u8; 2], u64>,
}

impl Counts {
    /// The sums of a class and backend, made if they are not there; whether they were made.
    pub fn tally(&mut self, class: u8, backend: &str) -> (&mut Tally, bool) {
        let find = |groups: &[Group], backend: &str| {
            groups.iter().position(|group| group.class == class && group.backend == backend)
        };
        let backend = if backend.is_empty() { "-" } else { backend };
        let full = self.groups.len() >= MOST;
        let found = find(&self.groups, backend).or_else(|| full.then(|| find(&self.groups, "*")).flatten());
        let at = found.unwrap_or_else(|| {
            let backend = if full { "*".to_owned() } else { word(backend) };
            self.groups.push(Group { class, backend, tally: Tally::default() });
            self.groups.len() - 1
        });
        (&mut self.groups[at].tally, found.is_none())
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for group in &other.groups {
            self.tally(group.class, &group.backend).0.merge(&group.tally);
        }
        self.paths.merge(&other.paths);
        for (country, count) in &other.countries {
            *self.countries.entry(*country).or_default() += count;
        }
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.paths.is_empty() && self.countries.is_empty()
    }
}

/// A word of the text: without blanks and control characters, and not too long.
pub(super) fn word(text: &str) -> String {
    let mut word: String = text.chars().map(|c| if c <= ' ' || c == '\u{7f}' { '_' } else { c }).collect();
    if word.len() > LONGEST {
        word.truncate(word.floor_char_boundary(LONGEST));
    }
    if word.is_empty() { "-".to_owned() } else { word }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Group { class, backend, tally } in &self.groups {
            let Tally { requests, bytes_in, bytes_out, retries, latency } = tally;
            writeln!(f, "c {class} {backend} {requests} {bytes_in} {bytes_out} {retries} {latency}")?;
        }
        if !self.paths.is_empty() {
            f.write_str("p")?;
            for Entry { name, count, over } in self.paths.entries() {
                write!(f, " {count} {over} {}", word(&name))?;
            }
            f.write_str("\n")?;
        }
        if !self.countries.is_empty() {
            f.write_str("g")?;
            for ([a, b], count) in &self.countries {
                write!(f, " {}{} {count}", char::from(*a), char::from(*b))?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

impl FromStr for Counts {
    type Err = NotCounts;

    fn from_str(text: &str) -> Result<Self, NotCounts> {
        let mut all = Self::default();
        for line in text.lines() {
            let (kind, rest) = line.split_at_checked(2).ok_or(NotCounts)?;
            let words: Vec<&str> = rest.split(' ').collect();
            match kind {
                "c " => all.group(&words)?,
                "p " => all.paths.merge(&sketch(&words)?),
                "g " => all.by_country(&words)?,
                _ => return Err(NotCounts),
            }
        }
        Ok(all)
    }
}

fn number(text: &str) -> Result<u64, NotCounts> {
    // What no edge can have seen: sums of many of them still fit.
    text.parse().ok().filter(|number| *number < 1 << 50).ok_or(NotCounts)
}

impl Counts {
    fn group(&mut self, words: &[&str]) -> Result<(), NotCounts> {
        let [class, backend, requests, bytes_in, bytes_out, retries, latency] = words else {
            return Err(NotCounts);
        };
        let class = class.parse().ok().filter(|class| (1..=5).contains(class)).ok_or(NotCounts)?;
        let tally = Tally {
            requests: number(requests)?,
            bytes_in: number(bytes_in)?,
            bytes_out: number(bytes_out)?,
            retries: number(retries)?,
            latency: latency.parse()?,
        };
        self.tally(class, backend).0.merge(&tally);
        Ok(())
    }

    fn by_country(&mut self, words: &[&str]) -> Result<(), NotCounts> {
        for pair in words.chunks(2) {
            let [country, count] = pair else { return Err(NotCounts) };
            let country: [u8; 2] = country.as_bytes().try_into().map_err(|_| NotCounts)?;
            if !country.iter().all(u8::is_ascii_uppercase) {
                return Err(NotCounts);
            }
            *self.countries.entry(country).or_default() += number(count)?;
        }
        Ok(())
    }
}

fn sketch(words: &[&str]) -> Result<Top, NotCounts> {
    let entry = |three: &[&str]| {
        let [count, over, name] = three else { return Err(NotCounts) };
        let (count, over) = (number(count)?, number(over)?);
        if over > count || name.is_empty() {
            return Err(NotCounts);
        }
        Ok(Entry { name: (*name).to_owned(), count, over })
    };
    Ok(Top::of(words.chunks(3).map(entry).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn counts() -> impl Strategy<Value = Counts> {
        let one = (1..=5_u8, 0..4_usize, 0..5_000_000_u64, 0..30_usize);
        proptest::collection::vec(one, 0..60).prop_map(|all| {
            let mut counts = Counts::default();
            for (class, backend, micros, path) in all {
                let backend = ["", "10.0.1.5:8080", "10.0.1.6:8080", "[fd00::1]:80"][backend];
                let tally = counts.tally(class, backend).0;
                tally.requests += 1;
                tally.bytes_out += micros;
                tally.latency.add(Duration::from_micros(micros));
                counts.paths.add(&format!("/p/{path}"));
                *counts.countries.entry(*b"DE").or_default() += 1;
            }
            counts
        })
    }

    proptest! {
        #[test]
        fn one_text_behind_another_is_the_sum_of_both(a in counts(), b in counts()) {
            let mut sum = a.clone();
            sum.merge(&b);
            let read: Counts = format!("{a}{b}").parse().expect("counts");
            prop_assert_eq!(read.groups, sum.groups);
            prop_assert_eq!(read.countries, sum.countries);
            prop_assert_eq!(read.paths.entries(), sum.paths.entries());
        }
    }

    #[test]
    fn what_is_no_counts_is_refused_and_nothing_can_be_smuggled_in() {
        for text in [
            "x",
            "c",
            "c 6 - 1 0 0 0 -",
            "c 2 - 1 0 0 0",
            "c 2 - -1 0 0 0 -",
            "c 2 - 9999999999999999999 0 0 0 -",
            "g DE",
            "g de 1",
            "p 1 2 /",
            "p 1 0",
            "p 1 0 ",
        ] {
            assert_eq!(text.parse::<Counts>(), Err(NotCounts), "{text}");
        }
        let mut hostile = Counts::default();
        hostile.tally(2, "a b\nc 5 x 9 9 9 9 -").0.requests = 1;
        hostile.paths.add("/a b\np 9 0 /c");
        let read: Counts = hostile.to_string().parse().expect("counts");
        assert_eq!((read.groups.len(), read.paths.len()), (1, 1), "{hostile}");
        assert_eq!(word(&"ä".repeat(200)).len(), 200);
    }

    #[test]
    fn backends_beyond_the_bound_are_counted_together() {
        let mut counts = Counts::default();
        for n in 0..2 * MOST {
            counts.tally(2, &format!("10.0.{}.{}:80", n / 250, n % 250)).0.requests += 1;
        }
        assert_eq!(counts.groups.len(), MOST + 1);
        assert_eq!(counts.groups.iter().map(|group| group.tally.requests).sum::<u64>(), 2 * MOST as u64);
    }
}
