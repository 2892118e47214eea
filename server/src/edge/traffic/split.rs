//! Bytes as they come to whole lines.

/// A longer line is none of an access log: a request's head has 32 KiB at most.
const LONGEST: usize = 64 << 10;

/// The beginning of a line whose end has not come yet.
#[derive(Debug, Default)]
pub(super) struct Split {
    rest: Vec<u8>,
    /// It was too long, and is thrown away to its end.
    over: bool,
}

impl Split {
    /// Gives each line that is whole by these bytes to `each`; none in place of one that was too long.
    pub(super) fn take(&mut self, bytes: &[u8], mut each: impl FnMut(Option<&[u8]>)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n');
        let last = pieces.next_back().unwrap_or_default();
        for piece in pieces {
            if self.over {
                self.over = false;
                each(None);
            } else if self.rest.is_empty() {
                each(Some(piece));
            } else {
                self.rest.extend_from_slice(piece);
                each(Some(&self.rest));
                self.rest.clear();
            }
        }
        if self.over || self.rest.len() + last.len() > LONGEST {
            self.over = true;
            self.rest.clear();
        } else {
            self.rest.extend_from_slice(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_come_in_any_pieces() {
        let long = "x".repeat(LONGEST + 1);
        let text = format!("one\ntwo\n\n{long}\nthree\nhalf");
        for size in [1, 2, 7, 4_096, text.len()] {
            let (mut split, mut all) = (Split::default(), Vec::new());
            for piece in text.as_bytes().chunks(size) {
                split.take(piece, |line| {
                    all.push(line.map(|line| String::from_utf8_lossy(line).into_owned()));
                });
            }
            let short: Vec<Option<&str>> =
                all.iter().map(|line| line.as_deref().filter(|line| line.len() <= LONGEST)).collect();
            assert_eq!(short, [Some("one"), Some("two"), Some(""), None, Some("three")], "{size}");
        }
    }
}
