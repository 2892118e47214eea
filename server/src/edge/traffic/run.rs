//! The loop: lines come in, each window is told, each second Skep says who is watched.
//!
//! Lines are read whatever Skep does: a report is under way beside the reading, one at a time.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Access, Counter, Countries, NotTaken, Skep,
    queue::{Queue, window},
    split::Split,
};
use crate::domain::{
    clock::Clock,
    id::DomainId,
    traffic::{Line, Report, TOPS, WINDOW, Watching},
};

/// Between two reports.
const BEAT: Duration = Duration::from_secs(1);
/// Lines of what is watched, in one report.
const LINES: usize = 200;
/// After the end, what was counted last is told within this.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Who counts.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The process: a new one at each start.
    pub id: Uuid,
    /// The machine's name, for people.
    pub node: String,
    /// Lines that were lost before they came here, counted by who hands them on; they are told, too.
    pub lost: Arc<AtomicU64>,
}

/// A report on its way, and the number of the counts in it.
type Sent = BoxFuture<'static, (Option<i64>, u64, Result<Watching, NotTaken>)>;

/// Counts lines of Traefik's access log, and tells Skep each window and at the end, which is that of the
/// lines, or `stop`. Costs bounded memory, whatever comes and whether or not Skep answers.
pub async fn run(
    mut lines: impl AsyncBufRead + Unpin,
    edge: Edge,
    skep: Arc<dyn Skep>,
    clock: Arc<dyn Clock>,
    countries: Option<Countries>,
    stop: CancellationToken,
) {
    let now = clock.now().timestamp();
    let mut desk = Desk::new(edge, Counter::new(countries), now);
    let mut split = Split::default();
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sent: Option<Sent> = None;
    loop {
        let answer = async {
            match &mut sent {
                Some(sent) => sent.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            read = lines.fill_buf() => {
                let Ok(bytes) = read else { break };
                let length = bytes.len();
                if length == 0 {
                    break;
                }
                desk.turn(clock.now().timestamp());
                split.take(bytes, |line| desk.line(line));
                lines.consume(length);
            }
            (seq, lines, answer) = answer => {
                desk.answered(seq, lines, answer);
                // What waits is told at once, one after the other.
                sent = (!desk.queue.is_empty() && !desk.failing).then(|| desk.send(&skep));
            }
            _ = beat.tick() => {
                desk.turn(clock.now().timestamp());
                if sent.is_none() {
                    sent = Some(desk.send(&skep));
                }
            }
        }
    }
    desk.close(clock.now().timestamp(), true);
    let _ = tokio::time::timeout(LAST_WORDS, desk.end(sent, &skep)).await;
}

/// What is counted, what is to be told, and who watches.
struct Desk {
    edge: Edge,
    counter: Counter,
    queue: Queue,
    /// When the window began, and that of paths and countries: seconds since 1970.
    from: i64,
    tops_from: i64,
    watched: HashSet<DomainId>,
    lines: Vec<Line>,
    skipped: u64,
    failing: bool,
}

impl Desk {
    fn new(edge: Edge, counter: Counter, now: i64) -> Self {
        Self {
            edge,
            counter,
            queue: Queue::default(),
            from: now,
            tops_from: now,
            watched: HashSet::new(),
            lines: Vec::new(),
            skipped: 0,
            failing: false,
        }
    }

    fn line(&mut self, line: Option<&[u8]>) {
        if line.is_some_and(<[u8]>::is_empty) {
            return;
        }
        let Some(access) = line.and_then(|line| Access::read(line).ok()) else {
            self.queue.uncounted += 1;
            return;
        };
        let Some(domain) = access.domain() else { return };
        if !self.counter.add(domain, &access) {
            self.queue.uncounted += 1;
        }
        if self.watched.contains(&domain) {
            if self.lines.len() < LINES {
                self.lines.push(access.shown(domain));
            } else {
                self.skipped += 1;
            }
        }
    }

    /// Closes the window if it is over by now. A clock that was put back begins a new one, too.
    fn turn(&mut self, now: i64) {
        if now.div_euclid(WINDOW) != self.from.div_euclid(WINDOW) {
            self.close(now, false);
        }
    }

    fn close(&mut self, now: i64, last: bool) {
        let mut windows = Vec::new();
        let start = |at: i64, span: i64| at - at.rem_euclid(span);
        for (domain, counts) in self.counter.take() {
            windows.push(window(domain, WINDOW, start(self.from, WINDOW), counts));
        }
        if last || start(now, TOPS) != start(self.tops_from, TOPS) {
            for (domain, counts) in self.counter.take_tops() {
                windows.push(window(domain, TOPS, start(self.tops_from, TOPS), counts));
            }
            self.tops_from = now;
        }
        self.queue.add(self.from, now.max(self.from), last, windows);
        self.from = now;
    }

    /// The next report: what waits longest, if anything does.
    fn send(&mut self, skep: &Arc<dyn Skep>) -> Sent {
        let counted = self.queue.first(self.edge.lost.load(Ordering::Relaxed));
        let seq = counted.as_ref().map(|counted| counted.seq);
        let lines = std::mem::take(&mut self.lines);
        let (skipped, count) = (std::mem::take(&mut self.skipped), lines.len() as u64);
        let (edge, node) = (self.edge.id, self.edge.node.clone());
        let report = Report { edge, node, counted, lines, skipped };
        let body = serde_json::to_vec(&report).unwrap_or_default();
        let skep = Arc::clone(skep);
        async move { (seq, count + skipped, skep.report(body).await) }.boxed()
    }

    fn answered(&mut self, seq: Option<i64>, lines: u64, answer: Result<Watching, NotTaken>) {
        match answer {
            Ok(watching) => {
                self.watched = watching.watch.into_iter().collect();
                if let Some(seq) = seq {
                    self.queue.told(seq);
                }
                if self.failing {
                    tracing::info!("Skep takes what was counted again");
                }
                self.failing = false;
            }
            Err(why) => {
                self.watched.clear();
                self.skipped += lines;
                if let (NotTaken::Never(_), Some(seq)) = (&why, seq) {
                    self.queue.refused(seq);
                }
                if !self.failing {
                    tracing::warn!(%why, "What was counted waits, in bounded memory");
                }
                self.failing = true;
            }
        }
    }

    /// Tells all that waits.
    async fn end(&mut self, sent: Option<Sent>, skep: &Arc<dyn Skep>) {
        let mut sent = sent;
        loop {
            let on_its_way = match sent.take() {
                Some(sent) => sent,
                None if self.queue.is_empty() => return,
                None => self.send(skep),
            };
            let (seq, lines, answer) = on_its_way.await;
            self.answered(seq, lines, answer);
            if self.failing {
                tokio::time::sleep(BEAT / 4).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{super::fake::FakeSkep, *};
    use crate::domain::clock::{MockClock, SystemClock};

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    fn line(status: u16) -> String {
        format!(
            r#"{{"RouterName":"d-{ID}@http","DownstreamStatus":{status},"Duration":2000000,"ServiceAddr":"10.0.1.5:80","RequestPath":"/a","StartUTC":"2026-11-22T12:00:00Z"}}"#
        ) + "\n"
    }

    fn edge() -> Edge {
        Edge { id: Uuid::from_u128(7), node: "edge-1".to_owned(), lost: Arc::new(AtomicU64::new(3)) }
    }

    async fn until(what: &str, met: impl Fn() -> bool) {
        let began = Instant::now();
        while !met() {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn the_end_is_told_and_what_is_no_line_is_too() {
        let skep = Arc::new(FakeSkep::default());
        let text = [
            line(200),
            line(503),
            "nonsense\n".to_owned(),
            "{\"DownstreamStatus\":404,\"Duration\":1}\n".into(),
        ]
        .concat();
        let clock = Arc::new(SystemClock);
        run(text.as_bytes(), edge(), skep.clone(), clock, None, CancellationToken::new()).await;
        let counts = skep.counts(ID.parse().expect("an id"));
        let classes: Vec<(u8, u64)> = counts.groups.iter().map(|g| (g.class, g.tally.requests)).collect();
        assert_eq!(classes, [(2, 1), (5, 1)]);
        assert_eq!(counts.paths.entries()[0].count, 2);
        let heard = skep.heard();
        let last = heard.counted.last().expect("a report");
        assert_eq!((last.last, last.uncounted), (true, 4), "a line of no route is no line of an app");
    }

    #[tokio::test]
    async fn a_lost_answer_counts_once_and_a_skep_that_is_away_loses_nothing() {
        let skep = Arc::new(FakeSkep::default());
        let later = || NotTaken::Later("away".to_owned());
        skep.refuse.lock().expect("a lock").extend([(false, later()), (true, later()), (false, later())]);
        let clock = Arc::new(SystemClock);
        run(line(200).as_bytes(), edge(), skep.clone(), clock, None, CancellationToken::new()).await;
        let counts = skep.counts(ID.parse().expect("an id"));
        assert_eq!(counts.groups.iter().map(|g| g.tally.requests).sum::<u64>(), 1);
        assert_eq!(skep.heard().reports, 4);
    }

    #[tokio::test]
    async fn windows_are_told_as_they_end_and_watchers_get_lines_only_while_they_watch() {
        use tokio::io::AsyncWriteExt as _;
        let skep = Arc::new(FakeSkep::default());
        let clock = Arc::new(MockClock::at("2026-11-22T12:00:01Z".parse().expect("a time")));
        let (mut traefik, log) = tokio::io::duplex(64 << 10);
        let stop = CancellationToken::new();
        let reads = tokio::io::BufReader::new(log);
        let task = tokio::spawn(run(reads, edge(), skep.clone(), clock.clone(), None, stop.clone()));
        traefik.write_all(line(200).as_bytes()).await.expect("written");
        until("a first report", || skep.heard().reports > 0).await;
        assert!(skep.heard().lines.is_empty());
        assert!(skep.heard().counted.is_empty());
        clock.advance(chrono::Duration::seconds(9));
        until("the window is told", || !skep.heard().counted.is_empty()).await;
        let domain = ID.parse().expect("an id");
        let first = skep.heard().counted[0].clone();
        assert_eq!((first.until - first.from, first.last, first.windows.len()), (9, false, 1));
        assert_eq!((first.windows[0].at % 10, first.windows[0].domain), (0, domain));
        skep.watch.lock().expect("a lock").push(domain);
        // The answer to the next but one was given after the first said who watches.
        let asked = skep.heard().reports;
        until("who watches is known", || skep.heard().reports >= asked + 2).await;
        for _ in 0..LINES + 50 {
            traefik.write_all(line(201).as_bytes()).await.expect("written");
        }
        let all = || {
            let heard = skep.heard();
            heard.lines.len() as u64 + heard.skipped
        };
        until("lines come", || all() >= LINES as u64 + 50).await;
        assert!(skep.heard().lines.iter().all(|line| line.status == 201 && line.path == "/a"));
        stop.cancel();
        task.await.expect("it ends");
        let all = skep.counts(domain).groups.iter().map(|g| g.tally.requests).sum::<u64>();
        assert_eq!(all, LINES as u64 + 51);
    }
}
