//! One line of text in a buffer of its own, as there is no allocation.

use core::fmt::{self, Write};

use rustix::fd::AsFd;

/// Bytes of a line at most.
const LONGEST: usize = 112;

/// A short line; what does not fit is cut.
#[derive(Debug)]
pub struct Line {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Line {
    /// A line that begins like this.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { bytes: [0; LONGEST], length: 0 }.with(text)
    }

    /// The same with more text.
    #[must_use]
    pub fn with(mut self, text: impl fmt::Display) -> Self {
        // It cannot fail: what does not fit is cut.
        let _ = write!(self, "{text}");
        self
    }

    /// The text; cut within a character, it ends before it.
    #[must_use]
    pub fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                core::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
            }
        }
    }

    /// Writes it there: to standard output, where Docker keeps it with the check's result.
    pub fn say(&self, output: impl AsFd) {
        let output = output.as_fd();
        let _ = rustix::io::write(output, self.text().as_bytes());
        let _ = rustix::io::write(output, b"\n");
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let count = text.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..count), text.as_bytes().get(..count)) {
            to.copy_from_slice(from);
        }
        self.length += count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_what_does_not_fit() {
        let line = Line::new("é").with("x".repeat(LONGEST - 3)).with("éé");
        assert_eq!(line.text().len(), LONGEST - 1);
        assert!(line.with("more").text().ends_with('x'), "a character is never cut in half");
    }
}
