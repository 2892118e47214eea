//! The program that git starts in place of ssh.
//!
//! Git can be told a program for ssh, but its arguments only by way of a shell, which we do not
//! have. So our own program is named, and what it finds in its environment makes it start ssh
//! with our settings: the checked address, the one key, the pinned host keys.

use std::{ffi::OsString, os::unix::process::CommandExt as _, process::Command};

/// Where the settings for ssh are; set only in the environment of git.
pub(super) const SSH_CONFIG: &str = "SKEP_GIT_SSH_CONFIG";

/// To be called first in `main`: if git started this process in place of ssh, becomes ssh and
/// does not return, or gives the error that kept it from that. Otherwise returns nothing.
#[must_use]
pub fn answer() -> Option<std::io::Error> {
    let config = std::env::var_os(SSH_CONFIG)?;
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    Some(Command::new("ssh").arg("-F").arg(config).args(arguments).env_remove(SSH_CONFIG).exec())
}
