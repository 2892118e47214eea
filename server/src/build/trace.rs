//! BuildKit's trace as plain lines: `#3 [2/4] RUN make`, `#3 output`, `#3 DONE 1.2s`.

use std::collections::HashMap;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};

/// Bytes kept of a line: more than are shown, so that a secret at the end of what is shown is seen whole.
const LONGEST: usize = 32 * 1024;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Trace {
    steps: HashMap<String, Step>,
}

#[derive(Debug, Default)]
struct Step {
    number: usize,
    named: bool,
    ended: bool,
    /// Output without a line end yet: its beginning.
    rest: Vec<u8>,
}

impl Trace {
    /// The lines that a piece of the trace adds.
    pub(super) fn lines(&mut self, piece: StatusResponse) -> Vec<String> {
        let mut lines = Vec::new();
        for vertex in &piece.vertexes {
            self.begin(vertex, &mut lines);
        }
        for log in piece.logs {
            let step = self.step(&log.vertex);
            let mut pieces = log.msg.split(|byte| *byte == b'\n').peekable();
            while let Some(piece) = pieces.next() {
                step.add(piece);
                if pieces.peek().is_some() {
                    lines.push(output(step.number, &std::mem::take(&mut step.rest)));
                }
            }
        }
        for vertex in &piece.vertexes {
            self.end(vertex, &mut lines);
        }
        lines
    }

    fn step(&mut self, digest: &str) -> &mut Step {
        let number = self.steps.len() + 1;
        self.steps.entry(digest.to_owned()).or_insert_with(|| Step { number, ..Step::default() })
    }

    fn begin(&mut self, vertex: &Vertex, lines: &mut Vec<String>) {
        if vertex.started.is_none() && !vertex.cached {
            return;
        }
        let step = self.step(&vertex.digest);
        if !step.named {
            step.named = true;
            lines.push(output(step.number, vertex.name.as_bytes()));
        }
    }

    fn end(&mut self, vertex: &Vertex, lines: &mut Vec<String>) {
        if vertex.completed.is_none() && vertex.error.is_empty() && !vertex.cached {
            return;
        }
        let step = self.step(&vertex.digest);
        if step.ended {
            return;
        }
        step.ended = true;
        if !step.rest.is_empty() {
            lines.push(output(step.number, &std::mem::take(&mut step.rest)));
        }
        lines.push(if !vertex.error.is_empty() {
            output(step.number, format!("ERROR: {}", vertex.error).as_bytes())
        } else if vertex.cached {
            format!("#{} CACHED", step.number)
        } else {
            format!("#{} DONE {:.1}s", step.number, seconds(vertex))
        });
    }
}

impl Step {
    /// More of the line that has not ended: pieces end anywhere, also within a secret.
    fn add(&mut self, piece: &[u8]) {
        let redrawn = piece.iter().rposition(|byte| *byte == b'\r').filter(|at| *at + 1 < piece.len());
        if let Some(at) = redrawn {
            self.rest.clear();
            self.rest.extend_from_slice(&piece[at + 1..]);
        } else {
            self.rest.extend_from_slice(piece);
        }
        self.rest.truncate(LONGEST);
    }
}

fn seconds(vertex: &Vertex) -> f64 {
    let (Some(from), Some(to)) = (&vertex.started, &vertex.completed) else { return 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "a tenth of a second is shown")]
    let whole = (to.seconds - from.seconds) as f64;
    whole + f64::from(to.nanos - from.nanos) / 1e9
}

fn output(number: usize, bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    // A progress bar draws over its line: what stood last counts.
    let bytes = bytes.rsplit(|byte| *byte == b'\r').next().unwrap_or(bytes);
    format!("#{number} {}", String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use bollard::moby::buildkit::v1::VertexLog;

    use super::*;

    type Stamp = <Vec<Vertex> as IntoIterator>::Item;

    fn vertex(digest: &str, name: &str) -> Stamp {
        Vertex { digest: digest.to_owned(), name: name.to_owned(), ..Vertex::default() }
    }

    fn log(digest: &str, msg: &[u8]) -> VertexLog {
        VertexLog { vertex: digest.to_owned(), msg: msg.to_vec(), ..VertexLog::default() }
    }

    #[test]
    fn shows_steps_output_and_ends_once() {
        let mut trace = Trace::default();
        let started = Vertex { started: Some(Default::default()), ..vertex("a", "[1/2] RUN make") };
        let piece = StatusResponse {
            vertexes: vec![started.clone()],
            logs: vec![log("a", b"one\ntw")],
            ..Default::default()
        };
        assert_eq!(trace.lines(piece), ["#1 [1/2] RUN make", "#1 one"]);
        let done = Vertex { completed: Some(Default::default()), ..started };
        let piece = StatusResponse {
            vertexes: vec![done.clone(), Vertex { cached: true, ..vertex("b", "[2/2] COPY") }],
            logs: vec![log("a", b"o\n10%\r100%")],
            ..Default::default()
        };
        let lines = trace.lines(piece.clone());
        assert_eq!(lines, ["#2 [2/2] COPY", "#1 two", "#1 100%", "#1 DONE 0.0s", "#2 CACHED"]);
        assert!(trace.lines(StatusResponse { logs: Vec::new(), ..piece }).is_empty(), "told once");
    }

    #[test]
    fn case_146_output_without_line_ends_is_cut() {
        let mut trace = Trace::default();
        let piece = StatusResponse { logs: vec![log("a", &vec![b'x'; 1 << 20])], ..Default::default() };
        assert!(trace.lines(piece).is_empty(), "it has not ended");
        let piece = StatusResponse { logs: vec![log("a", b"x\nnext\n")], ..Default::default() };
        let lines = trace.lines(piece);
        assert_eq!((lines.len(), lines[0].len()), (2, LONGEST + 3));
    }

    #[test]
    fn case_147_a_line_comes_whole_however_it_is_cut_into_pieces() {
        let mut trace = Trace::default();
        let mut said = Vec::new();
        for byte in b"the key is hunter2-hunter2!\n" {
            let logs = vec![log("a", &[*byte])];
            said.extend(trace.lines(StatusResponse { logs, ..Default::default() }));
        }
        assert_eq!(said, ["#1 the key is hunter2-hunter2!"]);
    }
}
