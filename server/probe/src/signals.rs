//! Signals as something that is waited for: signal(7), `rt_sigtimedwait`(2).

use core::ptr;

use rustix::process::Pid;

use crate::{
    exec::{Call, call},
    time,
};

/// The number of the signal of a child that ended.
pub const CHILD: i32 = 17;

/// `SIG_SETMASK`.
const SET: usize = 2;
/// Bytes of the kernel's set of signals.
const BYTES: usize = 8;

/// Blocks all signals; which were blocked before.
#[must_use]
pub fn block() -> u64 {
    let (all, mut before) = (!0_u64, 0_u64);
    call(Call::Mask, [SET, &raw const all as usize, &raw mut before as usize, BYTES]);
    before
}

/// Blocks these alone.
pub fn restore(blocked: u64) {
    call(Call::Mask, [SET, &raw const blocked as usize, 0, BYTES]);
}

/// The next signal; nothing once so many nanoseconds are over, or if the wait was broken off.
#[must_use]
pub fn wait(at_most: Option<u64>) -> Option<i32> {
    let all = !0_u64;
    let span = at_most.map(time::span);
    let span = span.as_ref().map_or(ptr::null(), ptr::from_ref);
    let number = call(Call::Wait, [&raw const all as usize, 0, span as usize, BYTES]);
    i32::try_from(number).ok().filter(|number| *number > 0)
}

/// Sends a signal that has no name, as those for real time.
pub fn send(to: Pid, number: i32) {
    let (Ok(to), Ok(number)) = (usize::try_from(to.as_raw_nonzero().get()), usize::try_from(number)) else {
        return;
    };
    call(Call::Kill, [to, number, 0, 0]);
}
