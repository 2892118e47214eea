//! Many visitors at once, for as long as something happens to the app: short requests over
//! connections that are kept and over new ones, slow ones, and streams that stay open.
//!
//! Requests begin at their times whether earlier ones were answered or not: who is held up is not
//! fewer. None is ever tried again here.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::StreamExt as _;
use reqwest::{Client, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

/// What a visitor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    GetKept,
    GetNew,
    PostKept,
    PostNew,
    Slow,
    Events,
    Socket,
}

/// Of a hundred requests, so many are of this kind; streams are there all the time.
const SHARES: [(Kind, u64); 5] =
    [(Kind::GetKept, 58), (Kind::PostKept, 24), (Kind::GetNew, 10), (Kind::PostNew, 5), (Kind::Slow, 3)];
/// Streams of each kind.
const STREAMS: usize = 3;

/// What became of them.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Requests that were made; beginnings of streams.
    pub asked: BTreeMap<Kind, u64>,
    /// Those that were not answered as they should be, and how.
    pub lost: Vec<(Kind, String)>,
    /// Those that were told to come back later (503 with `Retry-After`).
    pub told: u64,
    /// Streams that ended while they were read: they begin again at once.
    pub ended: u64,
    /// The longest that a short request took.
    pub slowest: Duration,
}

impl Tally {
    /// All that was asked.
    pub fn total(&self) -> u64 {
        self.asked.values().sum()
    }

    /// One line for people.
    pub fn line(&self, what: &str, word: &str, rounds: u64, rate: u64) -> String {
        format!(
            "{what}, an app that {word}: {rounds} times, {} requests at {rate} a second, lost: {}; told to come back: {}; streams ended: {}; slowest: {} ms",
            self.total(),
            self.by_kind(),
            self.told,
            self.ended,
            self.slowest.as_millis(),
        )
    }

    /// Lost ones by kind, for a line.
    fn by_kind(&self) -> String {
        let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
        for (kind, _) in &self.lost {
            *kinds.entry(*kind).or_default() += 1;
        }
        let words: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind:?} {count}")).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    }
}

/// Visitors of one host at one edge.
pub struct Visitors {
    stop: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    all: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Visitor {
    host: String,
    at: SocketAddr,
    kept: Client,
    fresh: Client,
    tally: Arc<Mutex<Tally>>,
}

impl Visitors {
    /// So many requests a second from now on.
    pub fn begin(host: &str, at: SocketAddr, rate: u64) -> Self {
        let client = |idle: usize| {
            let client = Client::builder().resolve(host, at).pool_max_idle_per_host(idle);
            client.timeout(Duration::from_secs(20)).build().expect("a client")
        };
        let tally = Arc::new(Mutex::new(Tally::default()));
        let visitor = Visitor {
            host: host.to_owned(),
            at,
            kept: client(64),
            fresh: client(0),
            tally: Arc::clone(&tally),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let all = tokio::spawn(visit(visitor, rate, Arc::clone(&stop)));
        Self { stop, tally, all }
    }

    /// No more requests; those that began are waited for.
    pub async fn end(self) -> Tally {
        self.stop.store(true, Ordering::SeqCst);
        self.all.await.expect("the visitors");
        self.tally.lock().expect("the tally").clone()
    }
}

async fn visit(visitor: Visitor, rate: u64, stop: Arc<AtomicBool>) {
    let mut visits = JoinSet::new();
    let mut streams = JoinSet::new();
    for _ in 0..STREAMS {
        streams.spawn(visitor.clone().stream(Kind::Events, Arc::clone(&stop)));
        streams.spawn(visitor.clone().stream(Kind::Socket, Arc::clone(&stop)));
    }
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / rate));
    let count = AtomicU64::new(0);
    while !stop.load(Ordering::SeqCst) {
        ticks.tick().await;
        // Spread over the hundred, so that no kind comes in a row.
        let turn = count.fetch_add(37, Ordering::Relaxed) % 100;
        visits.spawn(visitor.clone().request(of_turn(turn)));
        while visits.try_join_next().is_some() {}
    }
    while visits.join_next().await.is_some() {}
    while streams.join_next().await.is_some() {}
}

fn of_turn(turn: u64) -> Kind {
    let mut before = 0;
    for (kind, share) in SHARES {
        before += share;
        if turn < before {
            return kind;
        }
    }
    Kind::GetKept
}

impl Visitor {
    fn note(&self, kind: Kind, lost: Option<String>) {
        let mut tally = self.tally.lock().expect("the tally");
        *tally.asked.entry(kind).or_default() += 1;
        if let Some(how) = lost {
            tally.lost.push((kind, how));
        }
    }

    async fn request(self, kind: Kind) {
        let client = if matches!(kind, Kind::GetNew | Kind::PostNew) { &self.fresh } else { &self.kept };
        let url = |path: &str| format!("http://{}:{}{path}", self.host, self.at.port());
        let (request, expected) = match kind {
            Kind::PostKept | Kind::PostNew => (client.post(url("/echo")).body("an order"), "an order"),
            Kind::Slow => (client.get(url("/slow")), "slow done"),
            _ => (client.get(url("/")), "version"),
        };
        let begin = std::time::Instant::now();
        let lost = match request.send().await {
            Err(error) => Some(format!("{error:?}")),
            Ok(answer) => {
                let status = answer.status();
                let later = answer.headers().contains_key("retry-after");
                match answer.text().await {
                    Err(error) => Some(format!("{status}, then {error:?}")),
                    Ok(_) if status == StatusCode::SERVICE_UNAVAILABLE && later => {
                        self.tally.lock().expect("the tally").told += 1;
                        None
                    }
                    Ok(text) if status == StatusCode::OK && text.contains(expected) => None,
                    Ok(text) => Some(format!("{status}: {}", text.chars().take(80).collect::<String>())),
                }
            }
        };
        if kind != Kind::Slow {
            let mut tally = self.tally.lock().expect("the tally");
            tally.slowest = tally.slowest.max(begin.elapsed());
        }
        self.note(kind, lost);
    }

    /// One after the other: each is read until it ends, then the next begins. One that cannot begin
    /// is lost.
    async fn stream(self, kind: Kind, stop: Arc<AtomicBool>) {
        while !stop.load(Ordering::SeqCst) {
            let begun = match kind {
                Kind::Events => self.events(&stop).await,
                _ => self.socket(&stop).await,
            };
            if begun.is_ok() && !stop.load(Ordering::SeqCst) {
                self.tally.lock().expect("the tally").ended += 1;
            }
            self.note(kind, begun.err());
        }
    }

    async fn events(&self, stop: &AtomicBool) -> Result<(), String> {
        // Without an end of its own: it is read for as long as it goes.
        let client = Client::builder().resolve(&self.host, self.at).build().expect("a client");
        let url = format!("http://{}:{}/events", self.host, self.at.port());
        let answer = client.get(url).send().await.map_err(|error| format!("{error:?}"))?;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE && answer.headers().contains_key("retry-after")
        {
            tokio::time::sleep(Duration::from_millis(500)).await;
            self.tally.lock().expect("the tally").told += 1;
            return Ok(());
        }
        if answer.status() != StatusCode::OK {
            return Err(answer.status().to_string());
        }
        let mut body = answer.bytes_stream();
        let mut any = false;
        loop {
            match tokio::time::timeout(Duration::from_secs(5), body.next()).await {
                Ok(Some(Ok(_))) => any = true,
                Ok(None | Some(Err(_))) if any => return Ok(()),
                Ok(None | Some(Err(_))) => return Err("ended before it began".to_owned()),
                Err(_) => return Err("silent for five seconds".to_owned()),
            }
            if stop.load(Ordering::SeqCst) {
                return Ok(());
            }
        }
    }

    async fn socket(&self, stop: &AtomicBool) -> Result<(), String> {
        let text = |error: std::io::Error| format!("{error:?}");
        let mut stream = TcpStream::connect(self.at).await.map_err(text)?;
        let host = &self.host;
        let hello = format!(
            "GET /socket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(hello.as_bytes()).await.map_err(text)?;
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") && seen.len() < 4096 {
            match tokio::time::timeout(Duration::from_secs(20), stream.read_u8()).await {
                Ok(Ok(byte)) => seen.push(byte),
                Ok(Err(error)) => return Err(format!("no answer: {error}")),
                Err(_) => return Err("no answer in twenty seconds".to_owned()),
            }
        }
        let head = String::from_utf8_lossy(&seen).to_lowercase();
        if head.starts_with("http/1.1 503") && head.contains("retry-after") {
            tokio::time::sleep(Duration::from_millis(500)).await;
            self.tally.lock().expect("the tally").told += 1;
            return Ok(());
        }
        if !head.starts_with("http/1.1 101") {
            return Err(head.lines().next().unwrap_or_default().to_owned());
        }
        let mut back = [0; 4];
        while !stop.load(Ordering::SeqCst) {
            let said = async {
                stream.write_all(b"ping").await?;
                stream.read_exact(&mut back).await
            };
            match tokio::time::timeout(Duration::from_secs(5), said).await {
                Ok(Ok(_)) => tokio::time::sleep(Duration::from_millis(200)).await,
                Ok(Err(_)) => return Ok(()),
                Err(_) => return Err("no echo in five seconds".to_owned()),
            }
        }
        Ok(())
    }
}
