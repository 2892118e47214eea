//! The holder: the listening sockets of a node's entry points, alive for longer than any Traefik.
//!
//! A port of a node belongs to one task, so a Traefik that is replaced used to leave its ports empty until
//! the next one was there. This one (`skep edge hold`, on the node's own network) opens them. Each
//! Traefik gets sockets of its own at the same ports, and the kernel is told whose turn it is
//! (`reuseport.rs`): a new Traefik gets connections once it serves what it is to serve, not before, as it
//! would answer 404 to all; the old one ends with what it has. The holder reads nothing from them, and is so
//! small that it never has to be updated. While none serves, whoever comes waits in the
//! sockets of the last one. The next one does not get these, as it would answer 404 to all before it has its
//! routes: they are closed once it serves, and the kernel hands those who wait over to it, if
//! `net.ipv4.tcp_migrate_req` says so (ip-sysctl), or turns them away: they know that nothing was done. Visitors' addresses arrive as they are: no proxy of the engine
//! stands between.
//!
//! One line is asked on a connection: `take ID` gets sockets, for as long as the connection is open;
//! `serves ID` and `leaves ID` say whose turn it is; `watches ID` stays open for as long as the holder lives.
//! One that is replaced opens sockets anew, so each keeper starts again then. Sockets of UDP are the same
//! for all.

use std::{
    net::{SocketAddr, UdpSocket},
    os::{
        fd::{AsFd as _, BorrowedFd, OwnedFd},
        unix::fs::PermissionsExt as _,
    },
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
};
use tokio_util::sync::CancellationToken;

use super::{
    entry::{Entry, Point},
    reuseport::choose,
    sockets,
};

/// Connections that wait to be accepted, as Go's own listeners have it.
const BACKLOG: i32 = 4096;
/// What is asked must be there by then.
const WITHIN: Duration = Duration::from_secs(5);
/// The longest line that is asked.
const LONGEST: u64 = 100;

/// An open socket by the name of its entry point.
type Named = (String, OwnedFd);

/// The sockets of one Traefik.
struct Turn {
    /// Whose they are; none: of one that has ended while there was no other. Connections wait in them.
    id: Option<String>,
    /// It serves what it is to serve.
    serves: bool,
    tcp: Vec<Named>,
}

/// All sockets of a node.
struct Holder {
    entry: Entry,
    /// In the order that the kernel has, which fills the place of a closed one with the last.
    turns: Vec<Turn>,
    /// Who gets new connections.
    serving: usize,
    udp: Vec<Named>,
}

impl Holder {
    fn new(entry: &Entry) -> Result<Self, String> {
        let mut udp = Vec::new();
        for (name, point) in entry.udp_points() {
            udp.push((name, OwnedFd::from(first(point, "UDP", UdpSocket::bind)?)));
        }
        let mut holder = Self { entry: entry.clone(), turns: Vec::new(), serving: 0, udp };
        let tcp = holder.open()?;
        if tcp.len() + holder.udp.len() > sockets::MOST {
            return Err(format!("at most {} entry points can be held", sockets::MOST));
        }
        holder.turns.push(Turn { id: None, serves: false, tcp });
        Ok(holder)
    }

    fn open(&self) -> Result<Vec<Named>, String> {
        let points = self.entry.tcp_points().into_iter();
        points.map(|(name, point)| Ok((name, first(point, "TCP", tcp)?))).collect()
    }

    fn at(&self, id: &str) -> Option<usize> {
        self.turns.iter().position(|turn| turn.id.as_deref() == Some(id))
    }

    /// Tells the kernel whose turn it is.
    fn choose(&mut self, serving: usize) {
        self.serving = serving;
        let place = u32::try_from(serving).unwrap_or(u32::MAX);
        for (name, socket) in &self.turns[serving].tcp {
            if let Err(error) = choose(socket, place) {
                tracing::error!(%error, "Connections of {name} may go to a Traefik that does not serve yet");
            }
        }
    }

    /// Sockets for one more Traefik, sent to it. It gets no connection yet.
    fn take(&mut self, id: &str, to: &UnixStream) -> Result<(), String> {
        // Before there is one more among whom the kernel could choose.
        self.choose(self.serving);
        let tcp = self.open()?;
        self.turns.push(Turn { id: Some(id.to_owned()), serves: false, tcp });
        let turn = &self.turns[self.at(id).ok_or("no sockets")?];
        let all: Vec<(String, BorrowedFd<'_>)> =
            turn.tcp.iter().chain(&self.udp).map(|(name, fd)| (name.clone(), fd.as_fd())).collect();
        sockets::send(to, &all).map_err(|error| error.to_string())
    }

    /// This one serves what it is to serve: new connections are its own, and those that waited for it.
    fn serves(&mut self, id: &str) {
        let Some(at) = self.at(id) else { return };
        self.turns[at].serves = true;
        self.choose(at);
        if let Some(waiting) = self.turns.iter().position(|turn| turn.id.is_none()) {
            self.close(waiting);
        }
    }

    /// The newest that serves beside this one.
    fn other(&self, id: &str) -> Option<usize> {
        (0..self.turns.len()).rev().find(|at| self.turns[*at].serves && Some(*at) != self.at(id))
    }

    /// This one is about to end: new connections go to another that serves, if there is one; else they wait.
    fn leaves(&mut self, id: &str) {
        if let (Some(at), Some(other)) = (self.at(id), self.other(id))
            && at == self.serving
        {
            self.choose(other);
        }
    }

    /// This one has ended. The last one's sockets stay open for who comes next.
    fn ended(&mut self, id: &str) {
        self.leaves(id);
        let Some(at) = self.at(id) else { return };
        if self.serving == at {
            (self.turns[at].id, self.turns[at].serves) = (None, false);
        } else {
            self.close(at);
        }
    }

    /// Closes the sockets of a place, which the last one takes.
    fn close(&mut self, at: usize) {
        self.turns.swap_remove(at);
        let serving = if self.serving == self.turns.len() { at } else { self.serving };
        self.choose(serving);
    }
}

/// Opens the sockets of all entry points and hands them to whoever connects to `socket`, until `stop`.
///
/// # Errors
/// A port is taken, or the folder of `socket` cannot be written.
pub async fn run(entry: &Entry, socket: &Path, stop: CancellationToken) -> Result<(), String> {
    let holder = Arc::new(Mutex::new(Holder::new(entry)?));
    let _ = std::fs::remove_file(socket);
    let wrong = |error: std::io::Error| format!("{} cannot be made: {error}", socket.display());
    let listener = UnixListener::bind(socket).map_err(wrong)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(wrong)?;
    let names: Vec<String> = entry.tcp_points().into_iter().map(|(name, _)| name).collect();
    tracing::info!("Holding the sockets of {}", names.join(", "));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            asked = listener.accept() => match asked {
                Ok((stream, _)) => drop(tokio::spawn(answer(stream, holder.clone()))),
                Err(error) => {
                    tracing::warn!(%error, "Nobody can ask for the sockets now");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    let _ = std::fs::remove_file(socket);
    Ok(())
}

async fn answer(stream: UnixStream, holder: Arc<Mutex<Holder>>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    let mut asked = (&mut stream).take(LONGEST);
    if !matches!(tokio::time::timeout(WITHIN, asked.read_line(&mut line)).await, Ok(Ok(1..))) {
        return;
    }
    let held = || holder.lock().unwrap_or_else(PoisonError::into_inner);
    match line.trim_end().split_once(' ') {
        Some(("take", id)) => {
            if let Err(error) = held().take(id, stream.get_ref()) {
                tracing::error!(error, "A Traefik has not got its sockets");
            }
            closed(&mut stream).await;
            held().ended(id);
        }
        Some(("watches", _)) => closed(&mut stream).await,
        Some(("serves", id)) => held().serves(id),
        Some(("leaves", id)) => held().leaves(id),
        _ => return,
    }
    let _ = stream.get_mut().write_all(b"done\n").await;
}

/// Waits until the other end has closed: it lives for as long as the connection is open.
async fn closed(stream: &mut BufReader<UnixStream>) {
    let mut part = [0; 64];
    while matches!(stream.read(&mut part).await, Ok(1..)) {}
}

/// The first address of a point that can be opened.
fn first<T>(point: Point, kind: &str, open: impl Fn(SocketAddr) -> std::io::Result<T>) -> Result<T, String> {
    let mut wrong = String::new();
    for address in point.choices() {
        match open(address) {
            Ok(opened) => return Ok(opened),
            Err(error) => wrong = error.to_string(),
        }
    }
    Err(format!("{kind} {point} cannot be opened: {wrong}; `ss -lnp` tells who has it"))
}

/// A socket at a port that others of ours may have, too.
fn tcp(address: SocketAddr) -> std::io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_reuseport(&socket, true)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, false)?;
    }
    bind(&socket, &address)?;
    listen(&socket, BACKLOG)?;
    Ok(socket)
}
