//! BuildKit's trace as plain lines: `#3 [2/4] RUN make`, `#3 output`, `#3 DONE 1.2s`.

use std::collections::HashMap;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};

/// A line is cut at this many bytes.
const LONGEST: usize = 16 * 1024;

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
    /// Output without a line end yet.
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
            step.rest.extend(log.msg);
            while let Some(end) = step.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = step.rest.drain(..=end).collect();
                lines.push(output(step.number, &line));
            }
            if step.rest.len() >= LONGEST {
                lines.push(output(step.number, &std::mem::take(&mut step.rest)));
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

fn seconds(vertex: &Vertex) -> f64 {
    let (Some(from), Some(to)) = (&vertex.started, &vertex.completed) else { return 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "a tenth of a second is shown")]
    let whole = (to.seconds - from.seconds) as f64;
    whole + f64::from(to.nanos - from.nanos) / 1e9
}

fn output(number: usize, bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    // A progress bar draws over its line: what stood last counts.
    let bytes = bytes.rsplit(|byte| *byte == b'\r').next().unwrap_or(bytes);
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
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
        let lines = trace.lines(piece);
        assert!(lines.iter().all(|line| line.len() <= LONGEST + 8));
    }
}
