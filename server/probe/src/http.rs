//! One HTTP/1.1 request to the container itself.

use rustix::{
    event::PollFlags,
    fd::OwnedFd,
    io::Errno,
    net::{RecvFlags, SendFlags, recv},
};

use crate::{line::Line, tcp, time};

/// The longest request: a path of 1024 characters and its headers.
const REQUEST_MAX: usize = 2048;

/// `GET path` answers 200 to 399 until `deadline`.
///
/// # Errors
/// The status, or why there is none.
pub fn check(port: u16, path: &str, deadline: u64) -> Result<(), Line> {
    let socket = tcp::dial(port, deadline)?;
    let what = |text: &str| Line::new("http ").with(port).with(": ").with(text);
    let errno = |error| match error {
        Errno::TIMEDOUT => what("no answer in time"),
        other => what("error ").with(other.raw_os_error()),
    };
    let mut request = [0; REQUEST_MAX];
    let mut length = 0;
    for part in [
        "GET ",
        path,
        " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: skep-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n",
    ] {
        let place =
            request.get_mut(length..length + part.len()).ok_or_else(|| what("the path is too long"))?;
        place.copy_from_slice(part.as_bytes());
        length += part.len();
    }
    // In one piece: a small app may read once, answer and close.
    send(&socket, request.get(..length).unwrap_or_default(), deadline).map_err(errno)?;
    // `HTTP/1.1 200` is all that matters.
    let mut start = [0_u8; 12];
    let mut filled = 0;
    while filled < start.len() {
        tcp::wait(&socket, PollFlags::IN, deadline).map_err(errno)?;
        match recv(&socket, start.get_mut(filled..).unwrap_or_default(), RecvFlags::empty()) {
            Ok((_, 0)) => return Err(what("it closed the connection without an answer")),
            Ok((_, count)) => filled += count,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(errno(error)),
        }
    }
    match status(&start) {
        Some(200..=399) => Ok(()),
        Some(status) => Err(what("status ").with(status)),
        None => Err(what("the answer is no HTTP")),
    }
}

fn send(socket: &OwnedFd, mut bytes: &[u8], deadline: u64) -> Result<(), Errno> {
    while !bytes.is_empty() {
        // Without the signal that would end this program if the app has closed already.
        match rustix::net::send(socket, bytes, SendFlags::NOSIGNAL) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN) => tcp::wait(socket, PollFlags::OUT, deadline)?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    // A probe that never ends is no answer either.
    if time::now() < deadline { Ok(()) } else { Err(Errno::TIMEDOUT) }
}

fn status(start: &[u8; 12]) -> Option<u16> {
    let text = core::str::from_utf8(start).ok()?;
    let (version, status) = text.split_once(' ')?;
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    status.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    fn answered(answer: &'static [u8]) -> Result<(), String> {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let served = thread::spawn(move || {
            let (mut socket, _) = server.accept().unwrap();
            // As a small app does that reads once, answers and closes.
            let mut request = [0; 1024];
            let got = socket.read(&mut request).unwrap();
            assert!(request[..got].ends_with(b"\r\n\r\n"), "the request comes in one piece");
            // Byte by byte, as a slow app would.
            answer.iter().for_each(|byte| drop(socket.write_all(&[*byte])));
            request[..got].to_vec()
        });
        let result = check(port, "/health", time::now() + time::SECOND);
        assert!(served.join().unwrap().starts_with(b"GET /health HTTP/1.1\r\nHost: localhost\r\n"));
        result.map_err(|line| line.text().to_owned())
    }

    #[test]
    fn statuses_from_200_to_399_are_healthy() {
        assert_eq!(answered(b"HTTP/1.1 200 OK\r\n\r\n"), Ok(()));
        assert_eq!(answered(b"HTTP/1.0 302 Found\r\n\r\n"), Ok(()));
        assert!(answered(b"HTTP/1.1 503 Busy\r\n\r\n").unwrap_err().ends_with("status 503"));
        assert!(answered(b"HTTP/1.1 404 No\r\n\r\n").unwrap_err().ends_with("status 404"));
        assert!(answered(b"SSH-2.0-OpenSSH_9.2\r\n").unwrap_err().ends_with("no HTTP"));
        assert!(answered(b"").unwrap_err().contains("without an answer"));
    }

    #[test]
    fn an_app_that_accepts_and_says_nothing_is_not_healthy() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let began = time::now();
        let line = check(port, "/", began + time::SECOND / 5).unwrap_err();
        assert!(line.text().ends_with("no answer in time"), "{}", line.text());
        assert!(time::now() - began < time::SECOND);
    }
}
