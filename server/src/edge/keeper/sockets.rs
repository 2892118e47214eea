//! Sockets from one process to another (SCM_RIGHTS, unix(7)), and how Traefik takes them.
//!
//! The holder (`hold.rs`) sends the sockets of all entry points with their names; Traefik finds them as
//! a service of systemd would (sd_listen_fds(3)): as descriptors 3 and up, named in its environment,
//! meant for its own process id. So a process that is to become Traefik fetches them itself.

use std::{
    io::{IoSlice, IoSliceMut, Write as _},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt as _},
    },
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::{
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags,
    },
    process::Signal,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// For each word with the holder.
const WITHIN: Duration = Duration::from_secs(5);
/// The kernel passes at most so many at once (SCM_MAX_FD).
pub const MOST: usize = 253;
/// The first descriptor of those that are handed over.
const FIRST: i32 = 3;

/// Sends sockets with their names.
///
/// # Errors
/// The other end is gone.
pub(super) fn send(to: &impl AsFd, sockets: &[(String, BorrowedFd<'_>)]) -> std::io::Result<()> {
    let names: Vec<&str> = sockets.iter().map(|(name, _)| name.as_str()).collect();
    let fds: Vec<BorrowedFd<'_>> = sockets.iter().map(|(_, fd)| *fd).collect();
    let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(std::io::Error::other("too many sockets"));
    }
    let text = format!("{}\n", names.join(":"));
    rustix::net::sendmsg(to, &[IoSlice::new(text.as_bytes())], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives sockets and the text of their names.
fn receive(from: &impl AsFd) -> std::io::Result<(String, Vec<OwnedFd>)> {
    let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut text = vec![0; 16 * 1024];
    // Not closed by exec: they are for who comes after us.
    let got =
        rustix::net::recvmsg(from, &mut [IoSliceMut::new(&mut text)], &mut control, RecvFlags::empty())?;
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(more) = message {
            fds.extend(more);
        }
    }
    text.truncate(got.bytes);
    let names = String::from_utf8(text).map_err(std::io::Error::other)?;
    Ok((names.trim_end().to_owned(), fds))
}

/// Becomes Traefik, with the sockets of the entry points if somebody holds them; comes back only with a
/// fault. For a process that has opened nothing else. It dies with who started it: a Traefik without its
/// keeper would serve old routes for ever.
#[must_use]
pub fn become_traefik(traefik: &Path, file: &Path, hold: Option<(&Path, &str)>) -> String {
    let mut command = Command::new(traefik);
    command.arg(format!("--configfile={}", file.display()));
    // Kept over the exec, and closed by nobody but Traefik.
    let mut kept = Vec::new();
    if let Some((hold, id)) = hold {
        let wrong =
            |error: &dyn std::fmt::Display| format!("the sockets that {} holds: {error}", hold.display());
        let (names, sockets) = match fetch(hold, id) {
            Ok(fetched) => fetched,
            Err(error) => return wrong(&error),
        };
        let count = names.split(':').count();
        if count != sockets.len() || !sockets.iter().zip(FIRST..).all(|(socket, at)| socket.as_raw_fd() == at)
        {
            return wrong(&format_args!("{} came for the names {names}", sockets.len()));
        }
        command
            .env("LISTEN_PID", std::process::id().to_string())
            .env("LISTEN_FDS", count.to_string())
            .env("LISTEN_FDNAMES", names);
        kept = sockets;
    }
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        return format!("it cannot be bound to its keeper: {error}");
    }
    let error = command.exec();
    drop(kept);
    format!("{} cannot be started: {error}", traefik.display())
}

/// The sockets take the lowest free descriptors, and those are to be 3 and up: so the connection that they
/// come by lies on standard input. There it stays, also of Traefik: its end tells the holder of Traefik's.
fn fetch(hold: &Path, id: &str) -> std::io::Result<(String, Vec<OwnedFd>)> {
    let mut stream = UnixStream::connect(hold)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.write_all(format!("take {id}\n").as_bytes())?;
    rustix::stdio::dup2_stdin(&stream)?;
    drop(stream);
    receive(&rustix::stdio::stdin())
}

/// Tells the holder of what became of a Traefik: `serves` or `leaves`; done when this comes back.
///
/// # Errors
/// There is no holder, or it does not answer.
pub(super) async fn tell(hold: &Path, word: &str, id: &str) -> std::io::Result<()> {
    let told = async {
        let mut stream = tokio::net::UnixStream::connect(hold).await?;
        stream.write_all(format!("{word} {id}\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        if answer == "done\n" { Ok(()) } else { Err(std::io::Error::other("it was not understood")) }
    };
    tokio::time::timeout(WITHIN, told).await?
}

/// Waits until the holder is gone: its sockets are not those of the next one.
pub(super) async fn until_gone(hold: &Path, id: &str) -> std::io::Result<()> {
    let mut stream = tokio::net::UnixStream::connect(hold).await?;
    stream.write_all(format!("watches {id}\n").as_bytes()).await?;
    stream.read_to_end(&mut Vec::new()).await.map(drop)
}

/// How this program starts itself to become Traefik: the words after its name.
#[must_use]
pub fn words(traefik: &Path, file: &Path, hold: Option<(&Path, &str)>) -> Vec<PathBuf> {
    let fixed = ["edge", "traefik"].map(PathBuf::from).into_iter().chain([traefik, file].map(Path::to_owned));
    fixed.chain(hold.into_iter().flat_map(|(socket, id)| [socket.to_owned(), PathBuf::from(id)])).collect()
}
