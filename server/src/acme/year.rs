//! A year of 5,000 hosts: the same decisions as the jobs make, against CAs that keep a book of their own
//! and end the test when one of their limits is broken. In it: thousands of hosts on the first day,
//! certificates of 90, 45 and 6 days, hosts that break, a CA that wants some renewed at once, one that is
//! away for two days, and in the seventh month all certificates are lost.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap, VecDeque},
};

use chrono::{DateTime, Duration};

use super::{
    AcmeError, Directory, KeyType, Kind, Window,
    budget::{self, Limits, Recent, Want},
    choice::{self, Entry},
    registered,
    settle::{self, Due, Gained},
};
use crate::domain::{
    certificate::{Certificate, State},
    clock::Time,
    host_pattern::HostPattern,
};

const HOSTS: usize = 5000;
/// Jobs that all replicas finish in a minute.
const A_MINUTE: usize = 60;
/// The CA is away.
const AWAY: (i64, i64) = (100, 102);
/// It wants one of twenty renewed at once.
const RECALL: i64 = 150;
/// All certificates are lost.
const LOSS: i64 = 200;

fn start() -> Time {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn day(day: i64) -> Time {
    start() + Duration::days(day)
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, bound: i64) -> i64 {
        i64::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// Times that leave as they grow old.
#[derive(Default)]
struct Times(VecDeque<Time>);

impl Times {
    fn since(&mut self, from: Time) -> usize {
        while self.0.front().is_some_and(|at| *at <= from) {
            self.0.pop_front();
        }
        self.0.len()
    }
    fn last(&self, most: u32) -> Vec<Time> {
        let skipped = self.0.len().saturating_sub(usize::try_from(most).unwrap());
        self.0.iter().skip(skipped).copied().collect()
    }
}

/// Orders by what they are counted by: the CA has one book, we have another.
#[derive(Default)]
struct Book {
    orders: Times,
    domain: HashMap<String, Times>,
    same: HashMap<usize, Times>,
    failures: HashMap<usize, Times>,
}

/// A CA that bears no more than it says.
struct Ca {
    limits: Limits,
    knows_windows: bool,
    away: Option<(Time, Time)>,
    book: Book,
    orders: u64,
    most: usize,
}

impl Ca {
    fn new(limits: Limits, knows_windows: bool, away: Option<(Time, Time)>) -> Self {
        Self { limits, knows_windows, away, book: Book::default(), orders: 0, most: 0 }
    }

    fn is_away(&self, now: Time) -> bool {
        self.away.is_some_and(|(from, until)| from <= now && now < until)
    }

    /// When it would like to renew.
    fn window(&self, site: &Site, now: Time) -> Option<Window> {
        let (from, until) = (site.row.not_before?, site.row.not_after?);
        let start = if site.recalled && from < day(RECALL) && now >= day(RECALL) {
            day(RECALL) - Duration::days(1)
        } else {
            until - (until - from) / 3
        };
        let end = start + (until - from) / 45;
        let retry_after = Some(now + Duration::days(1));
        self.knows_windows.then_some(Window { start, end, explanation: None, retry_after })
    }

    /// One order; a limit that it breaks ends the test.
    fn order(
        &mut self,
        index: usize,
        site: &Site,
        exempt: bool,
        broken: bool,
        now: Time,
    ) -> Result<(), AcmeError> {
        assert!(!self.is_away(now));
        let domain = registered(&site.row.host).to_owned();
        if exempt {
            let window = self.window(site, now).expect("only who knows windows is asked to keep to one");
            assert!(window.start <= now, "{domain}: exempt before its window");
        }
        let book = &mut self.book;
        let orders = book.orders.since(now - budget::ORDERS_WITHIN);
        assert!(orders < limit(self.limits.orders), "more than {} orders in 3 hours", self.limits.orders);
        book.orders.0.push_back(now);
        self.most = self.most.max(orders + 1);
        self.orders += 1;
        let failures = book.failures.entry(index).or_default();
        let failed = failures.since(now - budget::FAILURES_WITHIN);
        assert!(failed < limit(self.limits.failures), "{domain}: a sixth failure within the hour");
        if broken {
            failures.0.push_back(now);
            return Err(AcmeError::new(Kind::Connection, "Connection refused"));
        }
        if !exempt {
            let of_domain = book.domain.entry(domain.clone()).or_default();
            assert!(
                of_domain.since(now - budget::CERTIFICATES_WITHIN) < limit(self.limits.domain),
                "{domain}: too many"
            );
            of_domain.0.push_back(now);
            let same = book.same.entry(index).or_default();
            assert!(
                same.since(now - budget::CERTIFICATES_WITHIN) < limit(self.limits.same),
                "{domain}: duplicates"
            );
            same.0.push_back(now);
        }
        Ok(())
    }
}

fn limit(limit: u32) -> usize {
    usize::try_from(limit).unwrap()
}

struct Site {
    row: Certificate,
    lifetime: Duration,
    /// It does not answer from then until then.
    broken: Option<(Time, Time)>,
    /// Of the certificates that the CA wants back.
    recalled: bool,
    lost: bool,
}

impl Site {
    fn is_broken(&self, now: Time) -> bool {
        self.broken.is_some_and(|(from, until)| from <= now && now < until)
    }
}

#[derive(Default, Debug)]
struct Told {
    jobs: u64,
    asked: u64,
    issued: u64,
    renewed: u64,
    in_window: u64,
    failed: u64,
    waited: u64,
    passed: u64,
    expired: Vec<String>,
    all_first: Option<Time>,
    all_again: Option<Time>,
}

struct Year {
    chance: Chance,
    entries: Vec<Entry>,
    cas: Vec<Ca>,
    ours: Vec<Book>,
    sites: Vec<Site>,
    lines: HashMap<String, BTreeSet<(Time, usize)>>,
    told: Told,
}

/// 2,000 hosts of their own, 1,500 by threes, 1,000 by fifties, 500 in two domains.
fn host(index: usize) -> HostPattern {
    let name = match index {
        0..2000 => format!("own-{index}.example-{index}.com"),
        2000..3500 => format!("h{index}.three-{}.net", index / 3),
        3500..4500 => format!("h{index}.fifty-{}.co.uk", index / 50),
        _ => format!("h{index}.large-{}.org", index / 250),
    };
    HostPattern::parse(&name).unwrap()
}

impl Year {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let entry = |name: &str, limits| Entry {
            directory: Directory::parse(&format!("https://{name}.example.org/dir")).unwrap(),
            name: name.to_owned(),
            limits,
            profile: None,
            key: KeyType::default(),
        };
        let sites = (0..HOSTS).map(|index| {
            let mut row = settle::tests::row(None);
            row.host = host(index);
            row.next_try_at = start();
            let lifetime = Duration::days(match chance.below(10) {
                0 => 6,
                1..4 => 45,
                _ => 90,
            });
            let broken = match chance.below(250) {
                0 => Some((start(), day(400))),
                1..10 => {
                    let from = start() + Duration::hours(chance.below(360 * 24));
                    Some((from, from + Duration::hours(1 + chance.below(20 * 24))))
                }
                _ => None,
            };
            Site { row, lifetime, broken, recalled: chance.below(20) == 0, lost: false }
        });
        Self {
            sites: sites.collect(),
            entries: vec![entry("first", Limits::LETSENCRYPT), entry("second", Limits::OTHERS)],
            cas: vec![
                Ca::new(Limits::LETSENCRYPT, true, Some((day(AWAY.0), day(AWAY.1)))),
                Ca::new(Limits::OTHERS, false, None),
            ],
            ours: vec![Book::default(), Book::default()],
            lines: HashMap::new(),
            told: Told::default(),
            chance,
        }
    }

    /// What SQL would say of the orders at a directory.
    fn recent(&self, at: usize, index: usize) -> Recent {
        let (book, limits) = (&self.ours[at], &self.entries[at].limits);
        let of = |times: Option<&Times>, most| times.map(|times| times.last(most)).unwrap_or_default();
        Recent {
            orders: book.orders.last(limits.orders),
            domain: of(book.domain.get(registered(&self.sites[index].row.host)), limits.domain),
            same: of(book.same.get(&index), limits.same),
            failures: of(book.failures.get(&index), limits.failures),
            running: 0,
        }
    }

    fn at(&self, entry: &Entry) -> usize {
        self.entries.iter().position(|other| other == entry).unwrap()
    }

    /// What a job does for one host.
    fn step(&mut self, index: usize, now: Time) {
        self.told.jobs += 1;
        match settle::due(&self.sites[index].row, now) {
            Due::Nothing => {}
            Due::Ask => {
                self.told.asked += 1;
                let from = usize::from(self.sites[index].row.directory.contains("second"));
                let said =
                    (!self.cas[from].is_away(now)).then(|| self.cas[from].window(&self.sites[index], now));
                let said = said.as_ref().map(Option::as_ref).ok_or(());
                let random = self.chance.next();
                settle::asked(&mut self.sites[index].row, said, random, now);
            }
            Due::Order(want) => self.order(index, want, now),
        }
    }

    fn order(&mut self, index: usize, want: Want, now: Time) {
        let rooms: Vec<_> = choice::turns(&self.entries, &self.sites[index].row)
            .map(|entry| {
                let row = &self.sites[index].row;
                let recent = self.recent(self.at(entry), index);
                (entry, budget::room(&entry.limits, &recent, choice::want_at(entry, row, want), now))
            })
            .collect();
        let row = &self.sites[index].row;
        let picked = choice::pick(rooms, choice::patience(row, now));
        let picked = picked.cloned().map_err(|waits| waits.map(|(entry, spent)| (entry.clone(), spent)));
        match picked {
            Ok(entry) => self.place(index, &entry, want, now),
            Err(None) => unreachable!("there is a directory"),
            Err(Some((entry, spent))) => {
                self.told.waited += 1;
                let domain = registered(&row.host).to_owned();
                let line = spent.line(entry.directory.as_str(), &domain, row.host.as_str());
                let stood = row.plan.waits_for.as_ref() == Some(&line);
                let last = self.lines.get(&line).and_then(|line| line.last()).map(|(at, _)| *at);
                let until = budget::turn(&spent, last, stood, want, self.chance.next());
                assert!(until > now, "it would come at once again");
                settle::waits(&mut self.sites[index].row, &spent, String::new(), line.clone(), until);
                self.lines.entry(line).or_default().insert((until, index));
            }
        }
    }

    fn place(&mut self, index: usize, entry: &Entry, want: Want, now: Time) {
        let at = self.at(entry);
        let exempt = choice::want_at(entry, &self.sites[index].row, want) == Want::InWindow;
        // The claim is written before the order is placed, and its outcome when it ends.
        let domain = registered(&self.sites[index].row.host).to_owned();
        self.ours[at].orders.0.push_back(now);
        settle::ordering(&mut self.sites[index].row, &entry.directory, now);
        let site = &self.sites[index];
        let trouble = self.cas[at].is_away(now) || self.chance.below(200) == 0;
        let came = if trouble {
            Err(AcmeError::new(Kind::Unreachable, "the CA cannot be reached"))
        } else {
            self.cas[at].order(index, site, exempt, site.is_broken(now), now)
        };
        match came {
            Ok(()) => {
                if !exempt {
                    self.ours[at].domain.entry(domain).or_default().0.push_back(now);
                    self.ours[at].same.entry(index).or_default().0.push_back(now);
                }
                self.told.in_window += u64::from(exempt);
                self.issued(index, entry, now);
            }
            Err(error) => {
                self.told.failed += 1;
                if error.kind.failed_validation() {
                    self.ours[at].failures.entry(index).or_default().0.push_back(now);
                }
                let row = &mut self.sites[index].row;
                let over = choice::falls_over(row, &error, now);
                self.told.passed += u64::from(over);
                settle::failed(row, &error, over, self.entries.len(), false, now);
            }
        }
    }

    fn issued(&mut self, index: usize, entry: &Entry, now: Time) {
        let at = self.at(entry);
        self.told.issued += 1;
        let site = &mut self.sites[index];
        if let Some(until) = site.row.not_after.filter(|_| site.row.chain.is_some()) {
            self.told.renewed += 1;
            // Nobody can renew what did not answer while it could be renewed.
            let third = until - site.lifetime / 3;
            let hindered = site.broken.is_some_and(|(from, to)| from < until && to > third);
            if until < now && !hindered {
                self.told.expired.push(format!("{} ({}) ended {until}", site.row.host, site.lifetime));
            }
        }
        site.lost = false;
        let gained = Gained {
            directory: entry.directory.clone(),
            not_before: now - Duration::hours(1),
            not_after: now + site.lifetime,
            issuer: entry.name.clone(),
        };
        let random = self.chance.next();
        site.row.chain = Some(String::new());
        (site.row.not_before, site.row.not_after) = (Some(gained.not_before), Some(gained.not_after));
        let window = self.cas[at].window(site, now);
        settle::issued(&mut site.row, gained, window.as_ref(), random, now);
    }

    /// The store is lost: every host wants a certificate as on the first day.
    fn lose(&mut self, now: Time) {
        self.lines.clear();
        for site in &mut self.sites {
            let host = site.row.host.clone();
            site.row = settle::tests::row(None);
            (site.row.host, site.row.next_try_at, site.lost) = (host, now, true);
        }
    }

    fn run(&mut self) {
        let mut heap: BinaryHeap<Reverse<(Time, usize)>> = self
            .sites
            .iter()
            .enumerate()
            .map(|(index, site)| Reverse((site.row.next_try_at, index)))
            .collect();
        let mut now = start();
        while now < day(365) {
            if now == day(LOSS) {
                self.lose(now);
                heap = (0..HOSTS).map(|index| Reverse((now, index))).collect();
            }
            let mut due = Vec::new();
            while heap.peek().is_some_and(|Reverse((at, _))| *at <= now) {
                due.push(heap.pop().unwrap().0.1);
            }
            // As the query of what is due sorts.
            let key = |index: &usize| {
                let row = &self.sites[*index].row;
                (row.not_after.is_none(), row.not_after, row.next_try_at)
            };
            due.sort_by_key(key);
            for index in &due[due.len().min(A_MINUTE)..] {
                heap.push(Reverse((self.sites[*index].row.next_try_at, *index)));
            }
            due.truncate(A_MINUTE);
            for index in due {
                let before =
                    (self.sites[index].row.plan.waits_for.clone(), self.sites[index].row.next_try_at);
                if let (Some(line), at) = before
                    && let Some(line) = self.lines.get_mut(&line)
                {
                    line.remove(&(at, index));
                }
                self.step(index, now);
                heap.push(Reverse((self.sites[index].row.next_try_at, index)));
            }
            now += Duration::minutes(1);
            if now.timestamp() % 3600 == 0 {
                self.look(now);
            }
        }
        for site in &self.sites {
            let ended = site.row.chain.is_some() && site.row.not_after.is_some_and(|until| until < now);
            if ended && site.broken.is_none() {
                self.told.expired.push(format!("{} at the end", site.row.host));
            }
        }
    }

    fn look(&mut self, now: Time) {
        let whole = self.sites.iter().all(|site| site.row.is_valid(now) || site.broken.is_some());
        if whole && self.told.all_first.is_none() {
            self.told.all_first = Some(now);
        }
        if whole && now > day(LOSS) && self.told.all_again.is_none() {
            self.told.all_again = Some(now);
        }
    }
}

#[test]
fn a_year_of_five_thousand_hosts_within_the_limits() {
    let mut year = Year::new(7);
    year.run();
    let told = &year.told;
    let since = |at: Option<Time>, from: i64| at.map_or(-1, |at| (at - day(from)).num_hours());
    println!("jobs                          {:>8}", told.jobs);
    println!("asked when to renew           {:>8}", told.asked);
    println!("certificates                  {:>8}", told.issued);
    println!("  of these renewals           {:>8}", told.renewed);
    println!("  in the CA's own window      {:>8}", told.in_window);
    println!("failed orders                 {:>8}", told.failed);
    println!("waits for room                {:>8}", told.waited);
    println!("passed on to the other CA     {:>8}", told.passed);
    for (ca, entry) in year.cas.iter().zip(&year.entries) {
        println!("orders at the {:<6}          {:>8}, at most {} in 3 hours", entry.name, ca.orders, ca.most);
    }
    println!("hours until all had one       {:>8}", since(told.all_first, 0));
    println!("hours from the loss until all {:>8}", since(told.all_again, LOSS));
    println!("ended although renewable      {:>8}", told.expired.len());
    assert!(told.expired.is_empty(), "{:#?}", &told.expired[..told.expired.len().min(20)]);
    assert!(year.sites.iter().all(|site| site.row.is_valid(day(365)) || site.broken.is_some()));
    // The year had in it what it is about.
    assert!(told.renewed > 40_000 && told.in_window > 20_000, "{told:?}");
    assert!(told.waited > 1000 && told.failed > 500 && told.passed > 20, "{told:?}");
    assert!(
        told.all_first.is_some_and(|at| at < day(5)) && told.all_again.is_some_and(|at| at < day(LOSS + 5))
    );
    assert!(year.sites.iter().all(|site| site.row.state != State::Ordering));
    assert!(year.cas.iter().all(|ca| ca.orders > 1000));
}
