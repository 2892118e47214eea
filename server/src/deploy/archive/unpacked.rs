//! Gzip, unpacked as it is read, with an eye on how much comes out of how little.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::fault;
use crate::domain::fault::Wrong;

/// So many bytes for each packed one: ordinary source has below ten.
pub(super) const RATIO: u64 = 200;
/// Below this no ratio is looked at.
pub(super) const SMALL: u64 = 64 << 20;

/// Counts what goes in.
struct Packed<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

/// What comes out.
pub(super) struct Unpacked<R> {
    inner: MultiGzDecoder<Packed<R>>,
    bytes: u64,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner: MultiGzDecoder::new(Packed { inner, bytes: 0 }), bytes: 0 }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        if self.bytes > SMALL && self.bytes / RATIO > self.inner.get_ref().bytes {
            return Err(bomb());
        }
        Ok(count)
    }
}

pub(super) fn bomb() -> io::Error {
    fault(Wrong::coded("archive_too_large", "unpacks to far more than it is: send what is needed only"))
}
