//! How long the container lives, and whether its check has held before.
//!
//! The memory is a file in the container's shared memory, which is there in every container, can
//! be written by every user, and goes with the container. Without it every check is held back.

use rustix::{
    fd::OwnedFd,
    fs::{CWD, Mode, OFlags, openat},
    io::{read, write},
};

use crate::{
    line::Line,
    time::{self, SECOND},
};

/// The memory.
const HELD: &str = "/dev/shm/.skep-held";
/// /proc counts in these.
const TICK: u64 = SECOND / 100;

/// When the container's first process was started, in ticks since boot.
#[must_use]
pub fn started() -> Option<u64> {
    let mut buffer = [0_u8; 1024];
    let text = contents("/proc/1/stat", &mut buffer)?;
    // proc_pid_stat(5): the name in brackets may hold anything, so count from its end.
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// Nanoseconds since then.
#[must_use]
pub fn age() -> Option<u64> {
    Some(time::since_boot().saturating_sub(started()?.checked_mul(TICK)?))
}

/// The check has held before in this life of the container.
#[must_use]
pub fn has_held() -> bool {
    let mut buffer = [0_u8; 64];
    let (Some(started), Some(text)) = (started(), contents(HELD, &mut buffer)) else { return false };
    text.trim_end().parse() == Ok(started)
}

/// Remembers that it has held.
pub fn remember() {
    let Some(started) = started() else { return };
    let flags = OFlags::CREATE | OFlags::TRUNC | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if let Ok(file) = openat(CWD, HELD, flags, Mode::RUSR | Mode::WUSR) {
        let _ = write(&file, Line::new("").with(started).text().as_bytes());
    }
}

fn contents<'a>(path: &str, buffer: &'a mut [u8]) -> Option<&'a str> {
    let file: OwnedFd =
        openat(CWD, path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let count = read(&file, &mut *buffer).ok()?;
    core::str::from_utf8(buffer.get(..count)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_process_is_older_than_this_test() {
        let age = age().unwrap();
        assert!(age > 0 && age <= time::since_boot());
    }
}
