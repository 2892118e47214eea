//! The first success is held back until the check has held without a break.

use crate::{
    arguments::{Asked, Kind},
    exec, http, life,
    line::Line,
    tcp, time,
};

/// Between two checks while the success is held back.
const AGAIN: u64 = time::SECOND / 2;

/// Checks, and holds the first success back.
///
/// # Errors
/// What is wrong, or after which time it broke off.
pub fn hold(asked: &Asked<'_>, environment: *const *const u8) -> Result<(), Line> {
    if asked.kind == Kind::Alive {
        // A container whose first process ends is gone, and this process with it.
        time::sleep(asked.hold.saturating_sub(life::age().unwrap_or_default()));
        return Ok(());
    }
    let began = time::now();
    once(asked, environment)?;
    if asked.hold == 0 || life::has_held() {
        return Ok(());
    }
    let until = began + asked.hold;
    loop {
        let left = until.saturating_sub(time::now());
        time::sleep(left.min(AGAIN));
        let last = left <= AGAIN;
        once(asked, environment).map_err(|why| {
            let held = (time::now() - began) / 1_000_000;
            Line::new("it was healthy for ").with(held).with(" ms only: ").with(why.text())
        })?;
        if last {
            life::remember();
            return Ok(());
        }
    }
}

/// One check.
///
/// # Errors
/// What is wrong.
pub fn once(asked: &Asked<'_>, environment: *const *const u8) -> Result<(), Line> {
    let deadline = time::now() + asked.timeout;
    match &asked.kind {
        Kind::Http(port, path) => http::check(*port, path, deadline),
        Kind::Tcp(port) => tcp::dial(*port, deadline).map(drop),
        Kind::Exec(words) => exec::check(words, environment, deadline),
        Kind::Alive => Ok(()),
    }
}
