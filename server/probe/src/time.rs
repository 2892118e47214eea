//! Time that only goes forward, in nanoseconds.

use rustix::{
    thread::nanosleep,
    time::{ClockId, Timespec, clock_gettime},
};

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// Now, since an arbitrary start.
#[must_use]
pub fn now() -> u64 {
    nanos(clock_gettime(ClockId::Monotonic))
}

/// Since the machine was started, its sleep too, as /proc counts.
#[must_use]
pub fn since_boot() -> u64 {
    nanos(clock_gettime(ClockId::Boottime))
}

/// Waits.
pub fn sleep(nanoseconds: u64) {
    let _ = nanosleep(&span(nanoseconds));
}

/// The kernel's form of a span.
#[must_use]
pub fn span(nanoseconds: u64) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(nanoseconds / SECOND).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(nanoseconds % SECOND).unwrap_or_default(),
    }
}

fn nanos(time: Timespec) -> u64 {
    u64::try_from(time.tv_sec).unwrap_or_default() * SECOND + u64::try_from(time.tv_nsec).unwrap_or_default()
}
