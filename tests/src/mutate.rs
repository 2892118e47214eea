//! Seeds and what becomes of them: bounded, repeatable fuzzing of what comes from outside.
//!
//! A seed is a file in `tests/fixtures/corpus/<target>/`; what broke a target is added there. The
//! same seed number gives the same texts: `SKEP_FUZZ_SEED` and `SKEP_FUZZ_ROUNDS` go on from another
//! one, or for longer.

use std::path::Path;

/// Numbers that look like chance (xorshift64*, Vigna 2016).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// From the environment's seed number, or a fixed one.
    #[must_use]
    pub fn new() -> Self {
        let seed = std::env::var("SKEP_FUZZ_SEED").ok().and_then(|text| text.parse().ok());
        Self(seed.unwrap_or(0x5eed_0000_0000_0001_u64).max(1))
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// One below `count`.
    ///
    /// # Panics
    /// `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count).expect("a count")).expect("it fits")
    }
}

impl Default for Chance {
    fn default() -> Self {
        Self::new()
    }
}

/// How often a target is tried, unless the environment says it.
#[must_use]
pub fn rounds(usual: usize) -> usize {
    std::env::var("SKEP_FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The seeds of a target, by name.
///
/// # Panics
/// There are none.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no seeds");
    files.iter().map(|file| std::fs::read(file).expect("a seed")).collect()
}

/// What breaks readers more often than chance does.
const PIECES: &[&[u8]] = &[
    b"..",
    b"/",
    b"\\",
    b"-",
    b"--",
    b"@",
    b"@{",
    b":",
    b"::",
    b"://",
    b"%2f",
    b"%00",
    b"\0",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"'",
    b"\"",
    b"`",
    b"$(",
    b"${",
    b";",
    b"|",
    b"&",
    b"<",
    b">",
    b"\x1b[",
    b"\x1b]8;;",
    b"\x07",
    b"\x7f",
    b"\xff",
    b"\xc0\x80",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x90\x9d",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"{}",
    b"[]",
    b"[[[[[[",
    b"9223372036854775808",
    b".lock",
    b"localhost",
    b"127.0.0.1",
    b"0x7f.1",
    b"xn--",
];

/// A text like one of the seeds, and unlike it.
#[must_use]
pub fn mutated(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut text = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(text.len() + 1);
        match chance.below(7) {
            0 if at < text.len() => text[at] ^= 1 << chance.below(8),
            1 if at < text.len() => {
                let end = (at + 1 + chance.below(8)).min(text.len());
                text.drain(at..end);
            }
            2 => {
                let piece = PIECES[chance.below(PIECES.len())];
                text.splice(at..at, piece.iter().copied());
            }
            3 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                let tail = other[from..].to_vec();
                text.truncate(at);
                text.extend(tail);
            }
            4 => text.truncate(at),
            5 if at < text.len() => {
                let end = (at + 1 + chance.below(32)).min(text.len());
                let again = text[at..end].repeat(1 + chance.below(40));
                text.splice(at..at, again);
            }
            _ => text.insert(at, u8::try_from(chance.below(256)).expect("a byte")),
        }
    }
    text
}
