//! A connection to a port of the container itself.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::OwnedFd,
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt::socket_error},
};

use crate::{line::Line, time};

/// Connects to `port` until `deadline`: over IPv4, and over IPv6 for apps that listen only there.
///
/// # Errors
/// What the kernel said about the first try.
pub fn dial(port: u16, deadline: u64) -> Result<OwnedFd, Line> {
    let first = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    let second = SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::LOCALHOST, port, 0, 0));
    let error = match dial_one(first, deadline) {
        Ok(socket) => return Ok(socket),
        Err(error) => error,
    };
    dial_one(second, deadline).map_err(|_| {
        let line = Line::new("port ").with(port).with(": ");
        match error {
            Errno::CONNREFUSED => line.with("nothing listens on it"),
            Errno::TIMEDOUT => line.with("no connection in time"),
            other => line.with("error ").with(other.raw_os_error()),
        }
    })
}

fn dial_one(address: SocketAddr, deadline: u64) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    match connect(&socket, &address) {
        Err(Errno::INPROGRESS | Errno::AGAIN) => {
            wait(&socket, PollFlags::OUT, deadline)?;
            socket_error(&socket)??;
        }
        other => other?,
    }
    Ok(socket)
}

/// Waits until the socket is ready.
///
/// # Errors
/// `TIMEDOUT` after the deadline.
pub fn wait(socket: &OwnedFd, what: PollFlags, deadline: u64) -> Result<(), Errno> {
    loop {
        let left = deadline.saturating_sub(time::now());
        if left == 0 {
            return Err(Errno::TIMEDOUT);
        }
        match poll(&mut [PollFd::new(socket, what)], Some(&time::span(left))) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn knows_whether_something_listens_over_either_protocol() {
        let soon = || time::now() + time::SECOND;
        let four = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = four.local_addr().unwrap().port();
        assert!(dial(port, soon()).is_ok());
        drop(four);
        assert!(dial(port, soon()).unwrap_err().text().contains("nothing listens"));
        if let Ok(six) = TcpListener::bind("[::1]:0") {
            assert!(dial(six.local_addr().unwrap().port(), soon()).is_ok());
        }
    }
}
