//! The bodies of the fuzz targets over changed samples: a bounded run in every test, of the same
//! changes each time. More is for `just fuzz`.

use std::time::{Duration, Instant};

#[path = "../fuzz/src/lib.rs"]
mod bodies;

/// What is put into a sample: what has a meaning to the parser, to variables or to the conversion.
const PIECES: [&str; 40] = [
    "",
    " ",
    "\n",
    "\t",
    "\0",
    "é",
    "\u{feff}",
    ":",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "!reset ",
    "!override ",
    "!!str ",
    "|\n",
    ">-\n",
    "~",
    "0",
    "-1",
    "1e400",
    "0x",
    "$",
    "${",
    "}",
    "${A:-",
    "$$",
    "---\n",
    "extends: {service: a}",
    "include: [c.yml]",
    "=",
];

/// A generator of the same numbers each time (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }

    /// The sample with up to four changes: bytes put in, taken out, turned, or repeated.
    fn changed(&mut self, sample: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = sample.to_vec();
        for _ in 0..=self.below(4) {
            let (at, length) = (self.below(bytes.len() + 1), self.below(12));
            let end = (at + length).min(bytes.len());
            match self.below(5) {
                0 => drop(bytes.splice(at..end, PIECES[self.below(PIECES.len())].bytes())),
                1 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].bytes())),
                2 => drop(bytes.drain(at..end)),
                3 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ => {
                    let other = &others[self.below(others.len())];
                    let from = self.below(other.len());
                    let to = (from + self.below(200)).min(other.len());
                    drop(bytes.splice(at..at, other[from..to].iter().copied()));
                }
            }
        }
        bytes
    }
}

/// Tries the samples as they are, and then changed ones.
fn tried(body: fn(&[u8]), samples: &[Vec<u8>], times: usize) {
    samples.iter().for_each(|sample| body(sample));
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..times {
        let sample = &samples[numbers.below(samples.len())];
        let bytes = numbers.changed(sample, samples);
        let start = Instant::now();
        let done = std::panic::catch_unwind(|| body(&bytes));
        assert!(done.is_ok(), "with {:?}", String::from_utf8_lossy(&bytes));
        assert!(start.elapsed() < Duration::from_secs(5), "slow with {:?}", String::from_utf8_lossy(&bytes));
    }
}

fn texts(samples: &[&str]) -> Vec<Vec<u8>> {
    samples.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn changed_projects() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/convert");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "yml"));
    paths.sort();
    let samples: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(samples.len() > 5);
    tried(bodies::project, &samples, 600);
}

#[test]
fn changed_variables() {
    let samples = texts(&[
        "${A:-${B:?no}}$TAG-x",
        "a$$b${A}${NONE-d}${A:+x${TAG}}",
        "${A:-$(x)}",
        "$1 $ ${A ${é} ${A:-{}}",
        "plain\ntext: [\"x\"] # 'y'",
    ]);
    tried(bodies::variables, &samples, 3000);
}

#[test]
fn changed_files_of_variables() {
    let samples = texts(&[
        "# c\nexport A=\"x\\n${B:-b}\"\nB='q'\nC: 1 # d\nD\n",
        "A=1\r\nB=\"two\nlines\" # x\nC=${A}$${B:+y}\n",
        "\u{feff}A = b c\nB=\\$x\n=\n",
    ]);
    tried(bodies::dotenv, &samples, 3000);
}
