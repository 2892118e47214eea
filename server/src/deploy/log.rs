//! The lines of a deployment: masked, cut, numbered, stored in batches, told as they come.
//!
//! Memory is bounded: a build that writes faster than the database takes loses lines, and the
//! place says so.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{mask::Mask, parts::Parts};
use crate::{
    build::LogSink,
    bus::Hint,
    db,
    domain::{clock::Time, id::DeploymentId, step::Step},
};

const WAITING: usize = 4096;
const LONGEST: usize = 16 * 1024;
/// Bytes of a line in which secrets are looked for: as long as a secret may be, beyond what is shown.
const READ: usize = LONGEST + (64 << 10);
/// Lines kept of one deployment.
const MOST: i64 = 100_000;

enum Item {
    Line(Step, String, Time),
    Flush(oneshot::Sender<()>),
}

/// Where a deployment's lines go; cheap to clone.
#[derive(Clone)]
pub struct Log {
    sender: mpsc::Sender<Item>,
    shared: Arc<Mutex<Shared>>,
    clock: Arc<dyn crate::domain::clock::Clock>,
}

struct Shared {
    step: Step,
    mask: Mask,
    lost: u64,
}

impl Log {
    /// Opens the log of a deployment and goes on after its last line.
    #[must_use]
    pub fn open(parts: &Parts, id: DeploymentId, step: Step) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write(parts.clone(), id, receiver));
        let shared = Shared { step, mask: Mask::default(), lost: 0 };
        Self { sender, shared: Arc::new(Mutex::new(shared)), clock: Arc::clone(&parts.clock) }
    }

    /// Lines from now on belong to `step`.
    pub fn enter(&self, step: Step) {
        self.lock().step = step;
    }

    /// Values that must not appear from now on.
    pub fn mask(&self, mask: Mask) {
        self.lock().mask = mask;
    }

    /// The line without secrets.
    #[must_use]
    pub fn masked(&self, line: &str) -> String {
        self.lock().mask.apply(line)
    }

    /// Adds one line.
    pub fn say(&self, line: &str) {
        let mut shared = self.lock();
        // Cut last: a secret that the end goes through must be seen whole to be masked.
        let mut text = cut(shared.mask.apply(&clean(line)));
        if shared.lost > 0 {
            text = format!("[{} lines lost: written faster than they could be stored]\n{text}", shared.lost);
        }
        match self.sender.try_send(Item::Line(shared.step, text, self.clock.now())) {
            Ok(()) => shared.lost = 0,
            Err(_) => shared.lost += 1,
        }
    }

    /// Waits until all lines so far are stored.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.sender.send(Item::Flush(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogSink for Log {
    fn line(&self, line: &str) {
        self.say(line);
    }
}

/// Text of at most [`LONGEST`] bytes.
fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str(" [cut]");
    }
    text
}

/// Text as it may be shown: no control characters but tab and the colour sequences' remains. What comes
/// long after what is shown is left out.
#[must_use]
pub fn clean(line: &str) -> String {
    let mut text = String::with_capacity(line.len().min(READ));
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        if text.len() >= READ {
            break;
        }
        match c {
            '\u{1b}' => skip_sequence(&mut characters),
            '\t' => text.push(c),
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
    text
}

/// Passes over what follows an escape character (ECMA-48: CSI, OSC, or a single letter).
fn skip_sequence(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.next() {
        Some('[') => {
            for c in characters.by_ref() {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
        Some(']') => {
            while let Some(c) = characters.next() {
                if c == '\u{7}' || (c == '\u{1b}' && characters.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {}
    }
}

async fn write(parts: Parts, id: DeploymentId, mut receiver: mpsc::Receiver<Item>) {
    let mut seq: Option<i64> = None;
    let mut batch = Vec::with_capacity(256);
    while receiver.recv_many(&mut batch, 256).await > 0 {
        let mut lines = Vec::new();
        let mut flushed = Vec::new();
        for item in batch.drain(..) {
            match item {
                Item::Line(step, text, at) => {
                    lines.extend(text.split('\n').map(|line| db::log::Line {
                        seq: 0,
                        step,
                        line: line.to_owned(),
                        at,
                    }));
                }
                Item::Flush(done) => flushed.push(done),
            }
        }
        if !lines.is_empty() {
            // A line that cannot be stored is lost; the deployment itself must not be.
            if let Err(error) = store(&parts, id, &mut seq, lines).await {
                tracing::warn!(deployment.id = %id, %error, "Log lines of deployment {id} could not be stored");
            }
            parts.bus.publish(Hint::Deployment { deployment: id }).await;
        }
        for done in flushed {
            let _ = done.send(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn store(
    parts: &Parts,
    id: DeploymentId,
    seq: &mut Option<i64>,
    mut lines: Vec<db::log::Line>,
) -> Result<(), db::DbError> {
    let mut tx = parts.db.write().await?;
    let mut next = match *seq {
        Some(seq) => seq,
        None => db::log::last(&mut tx, id).await?,
    };
    for line in &mut lines {
        next += 1;
        line.seq = next;
    }
    lines.retain(|line| line.seq <= MOST);
    db::log::append(&mut tx, id, &lines).await?;
    tx.commit().await?;
    *seq = Some(next);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, clean, cut};

    #[test]
    fn case_146_sequences_and_controls_are_dropped() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\r\u{7}"), "red");
        assert_eq!(clean("a\u{1b}]8;;https://x\u{1b}\\b\u{1b}]0;title\u{7}c"), "abc");
        assert_eq!(clean("tab\tkept\0"), "tab\tkept");
        let long = cut(clean(&"é".repeat(100_000)));
        assert!(long.ends_with("é [cut]") && long.len() <= LONGEST + 6, "{}", long.len());
        assert_eq!(clean("<b>as it is</b>"), "<b>as it is</b>");
    }
}
