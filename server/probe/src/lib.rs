//! The health probe that Swarm runs in an app's container.
//!
//! Swarm ends the old version as soon as the new one counts as running, and it counts as running
//! with its first successful check. So this probe holds that first success back until the check has
//! held for a while without a break; then Swarm alone keeps the old version until the new one is
//! proven, whether Skep is there or not.
//!
//! Beside that it begins containers that alone write to their volumes (see [`lease`]), and stands in
//! front of those that visitors are led to, so that none is lost when they stop (see [`drain`]).
//!
//! It must run in an image without a single other file: no libc, no allocation, no name look-ups.
//!
//! To add a kind of check: a variant of [`arguments::Kind`], its words there, its body in a file of
//! its own, and a line in [`hold::once`].
#![cfg_attr(not(test), no_std)]

pub mod arguments;
pub mod drain;
pub mod exec;
pub mod hold;
pub mod http;
pub mod lease;
pub mod life;
pub mod line;
pub mod signals;
pub mod tcp;
pub mod time;

use core::ffi::CStr;

use line::Line;

/// Runs the probe: `--hold 5s --timeout 3s http 8080 /health`. `arguments` are those behind the
/// program's name, `environment` is given to the program of an `exec` check, as execve(2) wants it.
///
/// # Errors
/// One line that says what is wrong: the app is not healthy.
pub fn run(arguments: &[&CStr], environment: *const *const u8) -> Result<(), Line> {
    let asked = arguments::parse(arguments).map_err(|why| Line::new("wrong arguments: ").with(why))?;
    hold::hold(&asked, environment)
}
