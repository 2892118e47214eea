//! The keys that an ssh host shows, for a person to compare and to save.

use std::{net::IpAddr, path::Path};

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::super::GitError;
use super::group::Group;
use crate::domain::git_url::GitUrl;

pub(super) async fn scan(
    url: &GitUrl,
    addresses: &[IpAddr],
    stop: &CancellationToken,
) -> Result<Vec<String>, GitError> {
    let name = match url.port() {
        22 => url.host().to_owned(),
        port => format!("[{}]:{port}", url.host().trim_matches(['[', ']'])),
    };
    let mut command = Command::new("ssh-keyscan");
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .current_dir(Path::new("/"))
        .args(["-T", "10", "-t", "ed25519,ecdsa,rsa", "-p", &url.port().to_string(), "--"])
        .args(addresses.first().map(ToString::to_string));
    let said = Group::start(command)?.say(1 << 16, stop).await?;
    let text = String::from_utf8_lossy(&said.out);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let keys: Vec<String> = lines
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, key)| key.bytes().all(|b| b.is_ascii_graphic() || b == b' '))
        .map(|(_, key)| format!("{name} {key}"))
        .collect();
    if keys.is_empty() {
        return Err(GitError::Unreachable(format!("{name} showed no ssh host key")));
    }
    Ok(keys)
}
