//! Real parts that a test starts for itself, with settings of its own, and ends by their pid.
//! Those that all tests share are started by `tests/lab/parts`.
//!
//! To add one: a file with a type that starts it, waits until it answers, and ends it when dropped.

pub mod edge;
pub mod knot;
pub mod pebble;
pub mod process;
pub mod registry;
pub mod traefik;

use std::{net::TcpListener, time::Duration};

use tokio::time::{Instant, sleep};

/// Ports on loopback that nobody listens on, all different.
///
/// # Panics
/// There is no free port.
#[must_use]
pub fn free_ports<const N: usize>() -> [u16; N] {
    // Below those that the kernel gives to clients (`ip_local_port_range`): a client that asks for a server that
    // is not there yet could get its port.
    let one = || {
        let chance = uuid::Uuid::new_v4().into_bytes();
        let port = 10_000 + u16::from_le_bytes([chance[0], chance[1]]) % 22_000;
        TcpListener::bind(("127.0.0.1", port)).ok()
    };
    let held = [(); N].map(|()| (0..1_000).find_map(|_| one()).expect("a free port"));
    held.map(|listener| listener.local_addr().expect("it has an address").port())
}

/// Asks again every 20 ms until there is an answer.
///
/// # Panics
/// There is none within 30 s: `what` says what was waited for.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited 30 s in vain: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
