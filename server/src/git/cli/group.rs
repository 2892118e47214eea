//! A running program together with all that it starts: one process group, killed as a whole.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit, setpriority_process};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use tokio_util::sync::CancellationToken;

use super::super::GitError;
use super::failure;

/// Bytes of standard error that are kept.
const KEEP_ERRORS: u64 = 64 * 1024;

/// What a program said.
#[derive(Debug)]
pub(super) struct Said {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// Its output.
    pub(super) out: Vec<u8>,
    /// Its complaints.
    pub(super) errors: String,
}

/// A program and its children.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    pid: Option<Pid>,
    record: Option<PathBuf>,
}

impl Group {
    /// Starts it, with pipes for all three streams, at low priority.
    pub(super) fn start(mut command: Command) -> Result<Self, GitError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        let child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                failure::refused("git_missing", "the program git is not installed on the server")
            }
            _ => failure::from_io(error),
        })?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let _ = setpriority_process(pid, 10); // only manners: it runs just as well without
        Ok(Self { child, pid, record: None })
    }

    /// No file that it or its children write from now on may have more bytes.
    pub(super) fn limit_files(&self, bytes: u64) -> io::Result<()> {
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        prlimit(self.pid, Resource::Fsize, limit)?;
        Ok(())
    }

    /// Notes it in a file, so that whoever comes after us can end it if we are killed; see
    /// [`end_recorded`].
    pub(super) fn record(&mut self, file: PathBuf) -> io::Result<()> {
        if let Some(pid) = self.pid
            && let Some(start) = start_time(pid)
        {
            std::fs::write(&file, format!("{} {start}", pid.as_raw_nonzero()))?;
            self.record = Some(file);
        }
        Ok(())
    }

    /// Its pipes, for a conversation.
    pub(super) fn pipes(&mut self) -> io::Result<(ChildStdin, ChildStdout)> {
        match (self.child.stdin.take(), self.child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok((stdin, stdout)),
            _ => Err(io::Error::other("no pipes")),
        }
    }

    /// Waits until it ends; at most `most` bytes of its output are taken, with more it is ended.
    pub(super) async fn say(mut self, most: u64, stop: &CancellationToken) -> Result<Said, GitError> {
        drop(self.child.stdin.take());
        let (out, errors) = (self.child.stdout.take(), self.child.stderr.take());
        let talk = async {
            let (out, errors) = tokio::try_join!(take(out, most), keep(errors))?;
            if out.len() as u64 > most {
                return Err(io::Error::other("git said more than expected"));
            }
            let status = self.child.wait().await?;
            Ok(Said { status, out, errors: String::from_utf8_lossy(&errors).into_owned() })
        };
        let said = tokio::select! {
            () = stop.cancelled() => return Err(GitError::Cancelled),
            said = talk => said.map_err(failure::from_io)?,
        };
        self.pid = None; // ended, and its children have closed their ends: nothing to kill
        Ok(said)
    }
}

/// The first part of the complaints; the rest is read, so that nobody waits to say it.
async fn keep(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        (&mut stream).take(KEEP_ERRORS).read_to_end(&mut bytes).await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    }
    Ok(bytes)
}

/// `most` bytes of the output, and one more if there are more.
async fn take(stream: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(most.saturating_add(1)).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl Drop for Group {
    fn drop(&mut self) {
        // The whole group: git has helpers, and ssh. The id is not another's yet, for the leader
        // is reaped only after this.
        if let Some(pid) = self.pid {
            let _ = kill_process_group(pid, Signal::KILL);
        }
        if let Some(record) = &self.record {
            let _ = std::fs::remove_file(record);
        }
    }
}

/// Ends what a server that was killed has left running: the group that `file` names, if its
/// leader is still the same process.
pub(super) fn end_recorded(file: &Path) {
    let Ok(text) = std::fs::read_to_string(file) else { return };
    let mut words = text.split(' ');
    let pid = words.next().and_then(|word| word.parse().ok()).and_then(Pid::from_raw);
    if let (Some(pid), Some(start)) = (pid, words.next())
        && start_time(pid).as_deref() == Some(start)
    {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let _ = std::fs::remove_file(file);
}

/// When the process was started, in ticks since boot (proc(5), stat, field 22).
fn start_time(pid: Pid) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(19).map(str::to_owned)
}
