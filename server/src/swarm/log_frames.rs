//! The engine's log stream, taken apart into lines.
//!
//! Each frame is `[stream, 0, 0, 0, length as 4 bytes]` and a line (API reference, "Attach to a
//! container", stream format); a service with a terminal sends bare text instead.

use bytes::{Buf, Bytes, BytesMut};

use super::LogLine;
use crate::domain::clock::Time;

/// A line is cut at this many bytes.
pub(super) const LONGEST: usize = 16 * 1024;
/// A frame longer than this is no frame of ours.
const LONGEST_FRAME: usize = 16 * 1024 * 1024;

/// Collects pieces and gives lines.
#[derive(Debug, Default)]
pub(super) struct Frames {
    buffer: BytesMut,
    /// Whether the stream has frames; unknown before its first byte.
    framed: Option<bool>,
}

impl Frames {
    /// Takes a piece of the stream.
    pub(super) fn push(&mut self, piece: &Bytes) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next whole line of the service, if it has come.
    pub(super) fn next(&mut self, service: &str) -> Option<LogLine> {
        let framed = match (self.framed, self.buffer.first()) {
            (Some(framed), _) => framed,
            (None, Some(byte)) => *self.framed.insert(*byte <= 2),
            (None, None) => return None,
        };
        if !framed {
            let end = match self.buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None if self.buffer.len() >= LONGEST * 2 => LONGEST,
                None => return None,
            };
            return Some(line(&self.buffer.split_to(end), false, service));
        }
        if self.buffer.len() < 8 {
            return None;
        }
        let stderr = self.buffer.first() == Some(&2);
        let mut length = self.buffer.get(4..8)?;
        let length = usize::try_from(length.get_u32()).unwrap_or(LONGEST_FRAME);
        if length >= LONGEST_FRAME {
            // Not what we know: the rest is read as text.
            self.framed = Some(false);
            return self.next(service);
        }
        if self.buffer.len() < 8 + length {
            return None;
        }
        self.buffer.advance(8);
        Some(line(&self.buffer.split_to(length), stderr, service))
    }

    /// What was left without an end.
    pub(super) fn last(&mut self, service: &str) -> Option<LogLine> {
        let rest = self.buffer.split();
        (self.framed == Some(false) && !rest.is_empty()).then(|| line(&rest, false, service))
    }
}

/// `TIME key=value,key=value text`, the first two as the engine was asked for them.
fn line(bytes: &[u8], stderr: bool, service: &str) -> LogLine {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let (at, bytes) = match word(bytes) {
        Some((first, rest)) => match first.parse::<Time>() {
            Ok(at) => (Some(at), rest),
            Err(_) => (None, bytes),
        },
        None => (None, bytes),
    };
    let (task, bytes) = match word(bytes) {
        Some((first, rest)) if first.contains("com.docker.swarm.") => {
            let task = first.split(',').find_map(|pair| pair.strip_prefix("com.docker.swarm.task.id="));
            (task.map(ToOwned::to_owned), rest)
        }
        _ => (None, bytes),
    };
    LogLine { at, service: service.to_owned(), task, stderr, line: text(bytes) }
}

/// The first word, if it is followed by a blank.
fn word(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(1024).position(|byte| *byte == b' ')?;
    Some((std::str::from_utf8(bytes.get(..end)?).ok()?, bytes.get(end + 1..)?))
}

/// Valid UTF-8 of at most [`LONGEST`] bytes.
fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if text.len() > LONGEST {
        const MARK: &str = " … (cut)";
        let mut end = LONGEST - MARK.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(MARK);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, text: &[u8]) -> Vec<u8> {
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text);
        bytes
    }

    fn all(pieces: &[&[u8]]) -> Vec<LogLine> {
        let mut frames = Frames::default();
        let mut lines = Vec::new();
        for piece in pieces {
            frames.push(&Bytes::copy_from_slice(piece));
            while let Some(line) = frames.next("web") {
                lines.push(line);
            }
        }
        lines.extend(frames.last("web"));
        lines
    }

    #[test]
    fn takes_frames_apart_however_they_are_cut() {
        let mut bytes = frame(1, b"2026-01-02T03:04:05.000000006Z com.docker.swarm.node.id=n,com.docker.swarm.task.id=t1 hello you\n");
        bytes.extend(frame(2, b"2026-01-02T03:04:06Z com.docker.swarm.task.id=t2 \n"));
        let whole = all(&[&bytes]);
        for cut in 1..bytes.len() {
            assert_eq!(all(&[&bytes[..cut], &bytes[cut..]]), whole, "cut at {cut}");
        }
        assert_eq!(whole.len(), 2);
        assert_eq!((whole[0].line.as_str(), whole[0].task.as_deref()), ("hello you", Some("t1")));
        assert!(whole[0].at.is_some() && !whole[0].stderr);
        assert_eq!((whole[1].line.as_str(), whole[1].stderr), ("", true));
    }

    #[test]
    fn case_146_long_and_broken_lines_are_cut_and_made_valid() {
        let mut text = b"2026-01-02T03:04:05Z ".to_vec();
        text.extend(std::iter::repeat_n(0xff, 10 << 20));
        let lines = all(&[&frame(1, &text)]);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].line.len() <= LONGEST && lines[0].line.ends_with("(cut)"));
    }

    #[test]
    fn bare_text_of_a_terminal_is_read_too() {
        let lines = all(&[b"no ti", b"me\r\nrest"]);
        let texts: Vec<&str> = lines.iter().map(|line| line.line.as_str()).collect();
        assert_eq!(texts, ["no time", "rest"]);
    }
}
