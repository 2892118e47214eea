//! `skep health`: for the container's health check. Asks `/ready` of this machine's server.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use super::{DONE, NOT_DONE, say, say_error};

/// Ask the server on this machine whether it is ready; exit code 0 if it is
///
/// Meant for a container's health check: it reads the same SKEP_LISTEN as `skep serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the server listens
    #[arg(long, env = "SKEP_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
    listen: String,
    /// Give up after so many seconds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
}

pub(super) fn run(args: &Args) -> u8 {
    let Ok(listen) = args.listen.parse::<SocketAddr>() else {
        say_error("SKEP_LISTEN must be an address with a port: `127.0.0.1:3000`");
        return super::USAGE;
    };
    match ask(loopback(listen), "/ready", Duration::from_secs(args.timeout)).map(|answer| answer.0) {
        Ok(200) => {
            say("ready");
            DONE
        }
        Ok(status) => {
            say_error(format_args!("not ready: the server answers {status}"));
            NOT_DONE
        }
        Err(error) => {
            say_error(format_args!("not ready: no answer from {listen}: {error}"));
            NOT_DONE
        }
    }
}

/// The address by which this machine reaches a server that listens there.
fn loopback(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Status and body of a `GET`. By hand: a health check runs every few seconds and must cost nothing.
pub(super) fn ask(server: SocketAddr, path: &str, within: Duration) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&server, within)?;
    stream.set_read_timeout(Some(within))?;
    stream.set_write_timeout(Some(within))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    head.strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5))
        .and_then(|status| status.parse().ok())
        .map(|status| (status, body.to_owned()))
        .ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}
