//! Traefik as the keeper's child: started once, told to end, and its end is the keeper's.
//!
//! It starts no programs of its own, so there is nobody else's child to wait for. It is never started
//! again here: that is Swarm's work, which also tells about it.

use std::{path::Path, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::{Settings, sockets};

/// Its exit code is told like a shell tells a signal's: 128 and its number.
const SIGNALLED: i32 = 128;

/// What was begun before another one's turn has been accepted by then: Traefik accepts within a millisecond.
const ACCEPTED: Duration = Duration::from_millis(250);

/// Has new connections led to another Traefik of this node, if there is one.
async fn leave(hold: &Path, id: &str) {
    match sockets::tell(hold, "leaves", id).await {
        Ok(()) => tokio::time::sleep(ACCEPTED).await,
        Err(error) => tracing::warn!(%error, "Who holds the sockets was not told that this Traefik ends"),
    }
}

/// Runs it until it ends; its exit code.
///
/// # Errors
/// It cannot be started.
pub(super) async fn run(settings: &Settings, id: &str, stop: &CancellationToken) -> Result<u8, String> {
    // This program once more, which becomes Traefik: so it dies with us, and can take sockets along.
    let own = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    let mut command = Command::new(own);
    command.args(sockets::words(
        &settings.traefik,
        &settings.file(),
        settings.hold.as_deref().map(|hold| (hold, id)),
    ));
    let mut child = command
        .env_clear()
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{} cannot be started: {error}", settings.traefik.display()))?;
    let ended = tokio::select! {
        ended = child.wait() => ended,
        () = stop.cancelled() => {
            if let Some(hold) = &settings.hold {
                leave(hold, id).await;
            }
            if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
                let _ = kill_process(id, Signal::TERM);
            }
            child.wait().await
        }
    };
    let status = ended.map_err(|error| format!("Traefik's end was not seen: {error}"))?;
    let code = status.code().unwrap_or_else(|| {
        SIGNALLED + std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default()
    });
    if !stop.is_cancelled() {
        tracing::error!(%status, "Traefik has ended by itself");
    }
    Ok(u8::try_from(code).unwrap_or(1))
}
