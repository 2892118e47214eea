//! Traefik's access log: taken from a pipe as fast as it is written, so that no request ever waits for
//! who reads it.
//!
//! Traefik writes a line for each request, and waits when the pipe is full. A thread of its own does
//! nothing but empty it; what then is not taken in time is dropped and counted. The pipe is a FIFO
//! rather than Traefik's standard output, on which its own log is; a keeper that dies takes Traefik along,
//! so that there is no pipe without a reader.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
};

use bytes::Bytes;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tokio::sync::mpsc;

use super::status::Status;

/// Lines that may wait for their reader: some seconds at 500 requests a second, and at most 16 MB.
const WAITING: usize = 4096;
/// Lines that go on together.
const BATCH: usize = 256;
/// Batches that may wait for who counts, and for who shows: at most 16 MB each.
pub(super) const BATCHES: usize = 16;
/// A longer line is cut: Traefik writes no such line, as headers and queries are not in it.
const LONGEST: usize = 4096;

/// Makes the pipe and begins to empty it; the lines, without their ends.
///
/// # Errors
/// The pipe cannot be made.
pub(super) fn open(path: &Path, status: &Status) -> Result<mpsc::Receiver<String>, String> {
    let wrong =
        |error: &dyn std::fmt::Display| format!("the pipe {} cannot be made: {error}", path.display());
    let _ = std::fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).map_err(|error| wrong(&error))?;
    // For writing, too: so opening it waits for nobody, and it never ends.
    let pipe =
        std::fs::OpenOptions::new().read(true).write(true).open(path).map_err(|error| wrong(&error))?;
    let (sender, lines) = mpsc::channel(WAITING);
    let status = status.clone();
    std::thread::Builder::new()
        .name("access log".to_owned())
        .spawn(move || empty(BufReader::with_capacity(64 * 1024, pipe), &sender, &status))
        .map_err(|error| wrong(&error))?;
    Ok(lines)
}

fn empty(mut pipe: BufReader<std::fs::File>, lines: &mpsc::Sender<String>, status: &Status) {
    let mut line = Vec::new();
    loop {
        line.clear();
        if !matches!(pipe.read_until(b'\n', &mut line), Ok(1..)) {
            return;
        }
        line.truncate(LONGEST);
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if lines.try_send(text).is_err() {
            status.dropped(1);
        }
    }
}

/// Hands the lines on: to who counts them, and to standard output, as Traefik alone would. Neither waits for
/// the other, nor anybody for them.
pub(super) async fn hand_on(mut lines: mpsc::Receiver<String>, counted: mpsc::Sender<Bytes>, status: Status) {
    let shown = shown();
    let mut many = Vec::new();
    while lines.recv_many(&mut many, BATCH).await > 0 {
        let mut text = many.join("\n");
        text.push('\n');
        let text = Bytes::from(text);
        if counted.try_send(text.clone()).is_err() {
            status.dropped(many.len() as u64);
        }
        if let Some(shown) = &shown {
            // Whoever reads our output may be slow: then lines are not shown.
            let _ = shown.try_send(text);
        }
        many.clear();
    }
}

/// A thread that writes to standard output; none if there is no thread to be had.
fn shown() -> Option<std::sync::mpsc::SyncSender<Bytes>> {
    let (sender, texts) = std::sync::mpsc::sync_channel::<Bytes>(BATCHES);
    let write = move || {
        let mut out = std::io::stdout();
        texts.into_iter().try_for_each(|text| out.write_all(&text))
    };
    std::thread::Builder::new().name("access log, shown".to_owned()).spawn(write).ok().map(|_| sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};

    #[tokio::test]
    async fn who_writes_never_waits_for_who_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access");
        let status = Status::new(SystemClock.now());
        let mut lines = open(&path, &status).unwrap();
        let writer = std::thread::spawn(move || {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            for number in 0..WAITING * 4 {
                writeln!(pipe, "{{\"number\":{number}}}").unwrap();
            }
        });
        // Nobody has taken a line when all are written.
        tokio::task::spawn_blocking(move || writer.join().unwrap()).await.unwrap();
        assert_eq!(lines.recv().await.unwrap(), "{\"number\":0}");
        let mut taken = 1;
        while status.told(None, None, SystemClock.now()).lines_dropped + taken < WAITING as u64 * 4 {
            if lines.try_recv().is_ok() {
                taken += 1;
            }
            tokio::task::yield_now().await;
        }
        assert!(taken >= WAITING as u64);
    }
}
