//! Traefik's own update under load: with sockets that are held nothing is lost, and without them there is
//! the gap that they are there for.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use skep::edge::{EdgeInput, Options, Route, Scheme};
use skep_tests::parts::{edge::Edge, free_ports, process::Process, until};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    keeper::{World, loaded},
    stage::{App, route},
};

const HOST: &str = "shop.example.org";
/// Updates in a row.
const UPDATES: usize = 20;
/// Clients that keep their connection, and such that open one for each request; each asks so often.
const CLIENTS: usize = 25;
const PACE: Duration = Duration::from_millis(100);

/// Sockets that are held: the holder, and the ports that it opened.
struct Held {
    _process: Process,
    home: TempDir,
    web: SocketAddr,
}

impl Held {
    async fn start() -> Self {
        let [web, websecure] = free_ports();
        let home = tempfile::tempdir().unwrap();
        let program = PathBuf::from(std::env::var_os("SKEP_BIN").expect("SKEP_BIN names the program"));
        let (at, next) = (format!("127.0.0.1:{web}"), format!("127.0.0.1:{websecure}"));
        let socket = home.path().join("edge");
        let variables = [
            ("SKEP_EDGE_WEB", at.as_str()),
            ("SKEP_EDGE_WEBSECURE", &next),
            ("SKEP_EDGE_HOLD", socket.to_str().unwrap()),
        ];
        let mut process = Process::start(&program, &["edge", "hold"], &variables, home.path().join("log"));
        until("the sockets are held", async || {
            process.check();
            socket.exists().then_some(())
        })
        .await;
        Self { _process: process, home, web: SocketAddr::from(([127, 0, 0, 1], web)) }
    }

    fn socket(&self) -> String {
        self.home.path().join("edge").to_str().unwrap().to_owned()
    }
}

/// What became of requests.
#[derive(Default)]
struct Count {
    stop: AtomicBool,
    done: AtomicUsize,
    lost_new: AtomicUsize,
    lost_kept: AtomicUsize,
}

/// One request; whether the connection stays open.
async fn ask(stream: &mut TcpStream, keep: bool) -> std::io::Result<bool> {
    let word = if keep { "keep-alive" } else { "close" };
    let text = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: {word}\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await?;
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            if !head.starts_with("http/1.1 200") {
                return Err(std::io::Error::other(head.to_owned()));
            }
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Ok(keep && !head.contains("connection: close"));
            }
        }
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Asks until it is stopped; a connection that is kept is opened anew after each end of it.
async fn client(at: SocketAddr, keep: bool, count: Arc<Count>) {
    let mut open: Option<TcpStream> = None;
    let mut tick = tokio::time::interval(PACE);
    while !count.stop.load(Ordering::SeqCst) {
        tick.tick().await;
        let kept = open.is_some();
        let asked = async {
            let mut stream = match open.take() {
                Some(stream) => stream,
                None => TcpStream::connect(at).await?,
            };
            let stays = ask(&mut stream, keep).await?;
            std::io::Result::Ok(stays.then_some(stream))
        };
        match asked.await {
            Ok(stream) => {
                open = stream;
                count.done.fetch_add(1, Ordering::SeqCst);
            }
            Err(_) if kept => {
                count.lost_kept.fetch_add(1, Ordering::SeqCst);
            }
            Err(_) => {
                count.lost_new.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// A world with one app, and load on an address: 500 requests a second.
async fn load(at: SocketAddr) -> (Arc<Count>, Vec<tokio::task::JoinHandle<()>>) {
    let count = Arc::new(Count::default());
    let mut clients = Vec::new();
    for number in 0..2 * CLIENTS {
        clients.push(tokio::spawn(client(at, number % 2 == 0, count.clone())));
    }
    (count, clients)
}

async fn told(what: &str, count: &Count, clients: Vec<tokio::task::JoinHandle<()>>) -> (usize, usize) {
    count.stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let number = |of: &AtomicUsize| of.load(Ordering::SeqCst);
    let (done, new, kept) = (number(&count.done), number(&count.lost_new), number(&count.lost_kept));
    println!("{what}: {done} answered, {new} lost on a new connection, {kept} on one that was kept");
    assert!(done > 500, "the load was there: {done}");
    (new, kept)
}

fn input(world: &World, app: &App) -> EdgeInput {
    let options = Options { loopback: true, ..Options::default() };
    let shop = Route { scheme: Scheme::Http, ..route(HOST, "/", &[app.address]) };
    EdgeInput {
        skep: vec![world.url().parse().unwrap()],
        routes: vec![shop],
        options,
        ..EdgeInput::default()
    }
}

/// Each replica has an address of its own for what is not held.
async fn replica(world: &World, held: &Held) -> Edge {
    Edge::start(&world.url(), &[("SKEP_EDGE_HOLD", &held.socket())]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_of_traefik_loses_no_request_where_its_sockets_are_held() {
    let (world, app, held) = (World::start(), App::start("shop").await, Held::start().await);
    let version = world.publish(input(&world, &app));
    // Two places of one node, as both tasks have its volume.
    let mut serving = replica(&world, &held).await;
    let mut next = replica(&world, &held).await;
    loaded(&serving, &version).await;
    loaded(&next, &version).await;
    next.stop().await;
    let (count, clients) = load(held.web).await;
    let began = Instant::now();
    for _ in 0..UPDATES {
        next.again().await;
        loaded(&next, &version).await;
        assert_eq!(serving.stop().await, Some(0));
        std::mem::swap(&mut serving, &mut next);
    }
    println!("{UPDATES} updates in {:?}", began.elapsed());
    // A kept connection without a request is closed by whoever ends, and these clients do not look before
    // they send on it again: HTTP/1.1 leaves that to them (RFC 9112, 9.3.1), and browsers ask once more.
    let (new, _) = told("sockets held", &count, clients).await;
    assert_eq!(new, 0, "a new connection goes to one that serves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_held_sockets_an_update_has_a_gap() {
    let (world, app) = (World::start(), App::start("shop").await);
    let version = world.publish(input(&world, &app));
    let mut edge = Edge::start(&world.url(), &[]).await;
    loaded(&edge, &version).await;
    let (count, clients) = load(edge.web).await;
    until("the load is there", async || (count.done.load(Ordering::SeqCst) > 1000).then_some(())).await;
    let began = Instant::now();
    edge.stop().await;
    let stopped = began.elapsed();
    edge.again().await;
    loaded(&edge, &version).await;
    println!("ports of its own: stopped within {stopped:?}, served again after {:?}", began.elapsed());
    let (new, _) = told("ports of its own", &count, clients).await;
    assert!(new > 0, "this is what the holder is for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_while_no_traefik_lives_waits_for_the_next_one_and_its_routes() {
    let (world, app, held) = (World::start(), App::start("shop").await, Held::start().await);
    let version = world.publish(input(&world, &app));
    let mut edge = replica(&world, &held).await;
    loaded(&edge, &version).await;
    for _ in 0..3 {
        let pid = rustix::process::Pid::from_raw(i32::try_from(edge.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        assert_eq!(edge.stop().await, None, "it was killed");
        until("its Traefik is gone, too", async || TcpStream::connect(edge.internal).await.err()).await;
        let visit = |_| {
            let client = reqwest::Client::builder().resolve(HOST, held.web).timeout(Duration::from_secs(20));
            let client = client.build().unwrap();
            let url = format!("http://{HOST}:{}/", held.web.port());
            // Whoever is turned away asks again, as browsers and balancers do, for ten seconds.
            tokio::spawn(async move {
                for _ in 0..100 {
                    if let Ok(answer) = client.get(&url).send().await {
                        return answer.status().as_u16();
                    }
                    tokio::time::sleep(PACE).await;
                }
                0
            })
        };
        let visits: Vec<_> = (0..50).map(visit).collect();
        edge.again().await;
        for visit in visits {
            assert_eq!(visit.await.unwrap(), 200, "nobody is told 404");
        }
    }
}
