//! Balancers in front of two edges, with the real HAProxy and Keepalived, each balancer in a network
//! namespace of its own: who moves when one dies, how soon, and whose address arrives at the app.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use skep::edge::{EdgeInput, Options, Route, Scheme};
use skep_tests::parts::{edge::Edge, process::Process, until};
use tempfile::TempDir;

use crate::{
    keeper::{World, loaded},
    stage::{App, route, told},
};

const HOST: &str = "shop.example.org";

fn done(words: &[&str]) {
    let (program, rest) = words.split_first().unwrap();
    let output = Command::new(program).args(rest).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What `skep` writes.
fn skep(words: &[&str]) -> String {
    let program = std::env::var_os("SKEP_BIN").expect("SKEP_BIN names the program");
    let output = Command::new(program).args(words).env_clear().output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A network of this machine with namespaces on it; it goes with the test.
struct Network {
    id: String,
    net: String,
}

impl Network {
    fn new() -> Self {
        let bytes = uuid::Uuid::new_v4().into_bytes();
        let network = Self {
            id: format!("ha{:02x}{:02x}", bytes[0], bytes[1]),
            net: format!("10.{}.{}", 210 + bytes[2] % 40, bytes[3]),
        };
        let bridge = network.bridge();
        done(&["ip", "link", "add", &bridge, "type", "bridge"]);
        done(&["ip", "link", "set", &bridge, "up"]);
        for last in [1, 11, 12] {
            done(&["ip", "addr", "add", &format!("{}/24", network.at(last)), "dev", &bridge]);
        }
        network
    }

    fn bridge(&self) -> String {
        format!("{}br", self.id)
    }

    fn at(&self, last: u8) -> String {
        format!("{}.{last}", self.net)
    }

    fn space(&self, name: &str) -> String {
        format!("{}-{name}", self.id)
    }

    /// A namespace with one cable, `eth0`.
    fn join(&self, name: &str, last: u8) {
        let (space, cable) = (self.space(name), format!("{}{name}", self.id));
        done(&["ip", "netns", "add", &space]);
        done(&["ip", "link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &space]);
        done(&["ip", "link", "set", &cable, "master", &self.bridge(), "up"]);
        let within = |words: &[&str]| done(&[&["ip", "-n", &space][..], words].concat());
        within(&["addr", "add", &format!("{}/24", self.at(last)), "dev", "eth0"]);
        within(&["link", "set", "lo", "up"]);
        within(&["link", "set", "eth0", "up"]);
    }

    fn cable(&self, name: &str, state: &str) {
        done(&["ip", "link", "set", &format!("{}{name}", self.id), state]);
    }

    fn run(&self, name: &str, words: &[&str], log: &Path) -> Process {
        let space = self.space(name);
        Process::start(
            Path::new("/usr/sbin/ip"),
            &[&["netns", "exec", &space][..], words].concat(),
            &[("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")],
            log.to_owned(),
        )
    }

    /// Whether a namespace has an address now.
    fn has(&self, name: &str, address: &str) -> bool {
        let output = Command::new("ip").args(["-n", &self.space(name), "-4", "-o", "addr"]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).contains(&format!(" {address}/"))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in ["lb1", "lb2", "seen"] {
            drop(Command::new("ip").args(["netns", "del", &self.space(name)]).output());
        }
        drop(Command::new("ip").args(["link", "del", &self.bridge()]).output());
    }
}

/// Two processes of a balancer.
struct Balancer {
    haproxy: Option<Process>,
    _keepalived: Process,
}

/// Somebody who asks all the time, each time on a new connection.
struct Visitor {
    stop: Arc<AtomicBool>,
    answers: Arc<Mutex<Vec<(Instant, bool)>>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Visitor {
    fn start(network: &Network, vip: &str) -> Self {
        let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Vec<_>>>::default());
        let (told, list) = (stop.clone(), answers.clone());
        let (space, url) = (network.space("seen"), format!("http://{vip}/"));
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::SeqCst) {
                let words = [
                    "netns",
                    "exec",
                    &space,
                    "curl",
                    "-sf",
                    "-m",
                    "1",
                    "-o",
                    "/dev/null",
                    "-H",
                    &format!("Host: {HOST}"),
                    &url,
                ];
                let asked =
                    Command::new("ip").args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
                list.lock().unwrap().push((Instant::now(), asked.is_ok_and(|status| status.success())));
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { stop, answers, thread: Some(thread) }
    }

    /// The longest time without an answer since `from`; waits until there is one again.
    async fn longest_gap(&self, from: Instant) -> Duration {
        until("it is answered again", async || {
            let answers = self.answers.lock().unwrap();
            let after: Vec<bool> =
                answers.iter().filter(|(at, _)| *at > from).map(|(_, good)| *good).collect();
            (after.len() >= 20 && after.iter().rev().take(10).all(|good| *good)).then_some(())
        })
        .await;
        let answers = self.answers.lock().unwrap();
        let mut last = from;
        let mut longest = Duration::ZERO;
        for (at, good) in answers.iter().filter(|(at, _)| *at > from) {
            if *good {
                longest = longest.max(*at - last);
                last = *at;
            }
        }
        longest
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn balancer(network: &Network, name: &str, this: &str, home: &Path, edges: [&str; 2], vip: &str) -> Balancer {
    let haproxy = skep(&["ha", "haproxy", "--edge", edges[0], "--edge", edges[1]]);
    let (first, second) = (network.at(5), network.at(6));
    let both = ["--balancer", &first, "--balancer", &second, "--this", this];
    let keepalived = skep(
        &[&["ha", "keepalived", "--vip", &format!("{vip}/24"), "--interface", "eth0"][..], &both].concat(),
    );
    let file = |kind: &str| home.join(format!("{name}.{kind}"));
    std::fs::write(file("haproxy"), haproxy).unwrap();
    std::fs::write(file("keepalived"), keepalived).unwrap();
    let text = |kind: &str| file(kind).to_str().unwrap().to_owned();
    done(&["haproxy", "-c", "-f", &text("haproxy")]);
    Balancer {
        haproxy: Some(network.run(name, &["haproxy", "-db", "-f", &text("haproxy")], &file("haproxy.log"))),
        _keepalived: network.run(
            name,
            &[
                "keepalived",
                "-n",
                "-l",
                "-D",
                "-P",
                "-f",
                &text("keepalived"),
                "-p",
                &text("pid"),
                "-r",
                &text("vrrp.pid"),
            ],
            &file("keepalived.log"),
        ),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requirement_25_a_balancer_or_an_edge_dies_and_visitors_wait_less_than_ten_seconds() {
    let network = Network::new();
    let home = TempDir::new().unwrap();
    for (name, last) in [("lb1", 5), ("lb2", 6), ("seen", 50)] {
        network.join(name, last);
    }
    let (world, app) = (World::start(), App::start("shop").await);
    let options = Options { loopback: true, ..Options::default() };
    let shop = Route { scheme: Scheme::Http, ..route(HOST, "/", &[app.address]) };
    let skep = vec![world.url().parse().unwrap()];
    let version = world.publish(EdgeInput { skep, routes: vec![shop], options, ..EdgeInput::default() });
    let trusted = format!("{},{}", network.at(5), network.at(6));
    let mut edges = Vec::new();
    for last in [11, 12] {
        let (web, websecure) = (format!("{}:80", network.at(last)), format!("{}:443", network.at(last)));
        let more = [
            ("SKEP_EDGE_WEB", web.as_str()),
            ("SKEP_EDGE_WEBSECURE", &websecure),
            ("SKEP_EDGE_PROXY_PROTOCOL", &trusted),
            ("SKEP_EDGE_DRAIN_SECONDS", "6"),
        ];
        let edge = Edge::start(&world.url(), &more).await;
        loaded(&edge, &version).await;
        edges.push(edge);
    }
    let names = [format!("one={}", network.at(11)), format!("two={}", network.at(12))];
    let names = [names[0].as_str(), names[1].as_str()];
    let vip = network.at(100);
    let mut first = balancer(&network, "lb1", &network.at(5), home.path(), names, &vip);
    let mut second = balancer(&network, "lb2", &network.at(6), home.path(), names, &vip);
    until("one balancer has the address", async || {
        (network.has("lb1", &vip) != network.has("lb2", &vip)).then_some(())
    })
    .await;
    // The one that came up first has it; the test goes on from the first balancer.
    let (holder, other) = if network.has("lb1", &vip) { ("lb1", "lb2") } else { ("lb2", "lb1") };

    // The visitor's own address arrives at the app, over both proxies.
    let space = network.space("seen");
    let body = until("the app answers", async || {
        let words = [
            "netns",
            "exec",
            &space,
            "curl",
            "-sf",
            "-m",
            "2",
            "-H",
            &format!("Host: {HOST}"),
            &format!("http://{vip}/"),
        ];
        let output = Command::new("ip").args(words).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    })
    .await;
    let answer: Value = told(&body);
    assert_eq!(answer["headers"]["x-forwarded-for"], Value::from(network.at(50)));

    let visitor = Visitor::start(&network, &vip);
    // An edge that is told to end loses nobody: it drains until the balancers have seen it.
    let began = Instant::now();
    assert_eq!(edges[0].stop().await, Some(0));
    let gap = visitor.longest_gap(began).await;
    let lost = visitor.answers.lock().unwrap().iter().filter(|(at, good)| *at > began && !good).count();
    println!("an edge ends in order: {lost} requests lost, longest wait {gap:?}");
    assert_eq!(lost, 0);
    edges[0].again().await;
    loaded(&edges[0], &version).await;

    // An edge is gone at once.
    let began = Instant::now();
    drop(edges.remove(0));
    let gap = visitor.longest_gap(began).await;
    println!("an edge is killed: visitors wait {gap:?}");
    assert!(gap < Duration::from_secs(10));

    // The balancer with the address is cut off.
    let began = Instant::now();
    network.cable(holder, "down");
    let gap = visitor.longest_gap(began).await;
    println!("a balancer is cut off: visitors wait {gap:?}");
    assert!(gap < Duration::from_secs(10) && network.has(other, &vip));
    network.cable(holder, "up");

    // HAProxy dies beside a balancer that lives: the address goes where one works, if it is not there already.
    let began = Instant::now();
    drop(if other == "lb1" { &mut first } else { &mut second }.haproxy.take());
    let gap = visitor.longest_gap(began).await;
    println!("HAProxy dies: visitors wait {gap:?}");
    assert!(gap < Duration::from_secs(10) && network.has(holder, &vip));
}
