//! Reads server-sent events (HTML, section 9.2): as much of them as Skep sends.

/// Collects bytes into events.
#[derive(Default)]
pub(super) struct Events {
    rest: Vec<u8>,
    data: Option<String>,
    /// The id of the last event that had one.
    pub(super) last: Option<String>,
}

impl Events {
    /// Forgets half an event; the next stream begins with a whole one.
    pub(super) fn again(&mut self) {
        self.rest.clear();
        self.data = None;
    }

    /// Takes bytes as they come; gives the data of each event that is whole by them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                whole.extend(self.data.take());
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => match &mut self.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => self.data = Some(value.to_owned()),
                },
                "id" => self.last = Some(value.to_owned()),
                _ => {}
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_may_come_in_any_pieces() {
        let text = b": keep\n\nid: 7\ndata: {\"a\":\ndata: 1}\n\ndata:x\r\n\r\ndata: half\n";
        for size in 1..text.len() {
            let mut events = Events::default();
            let all: Vec<String> = text.chunks(size).flat_map(|piece| events.take(piece)).collect();
            assert_eq!(all, ["{\"a\":\n1}", "x"], "pieces of {size}");
            assert_eq!(events.last.as_deref(), Some("7"));
        }
    }
}
