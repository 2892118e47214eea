//! The static health probe that is mounted into containers: where its bytes come from.
//!
//! It is built by itself (see `server/probe/`), and either embedded here by naming the file in
//! `SKEP_PROBE` when Skep is compiled, or found at the start: in the file that
//! `SKEP_PROBE_FILE` names, else as `skep-probe` beside the executable.

use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/embedded_probe.rs"));

/// Larger files are no probe: Swarm takes configs of 1000 KiB at most.
const LARGEST: u64 = 500 * 1000;

/// The probe's program, or none if there is none in this installation.
pub fn bytes() -> Option<&'static [u8]> {
    static FOUND: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    match EMBEDDED {
        Some(bytes) => Some(bytes),
        None => FOUND.get_or_init(find).as_deref(),
    }
}

fn find() -> Option<Vec<u8>> {
    let named = std::env::var_os("SKEP_PROBE_FILE").map(std::path::PathBuf::from);
    let beside = || Some(std::env::current_exe().ok()?.parent()?.join("skep-probe"));
    read(&named.or_else(beside)?)
}

fn read(file: &std::path::Path) -> Option<Vec<u8>> {
    let about = std::fs::metadata(file).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    std::fs::read(file).ok().filter(|bytes| bytes.starts_with(b"\x7fELF"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_small_programs() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p");
        assert!(read(&file).is_none());
        std::fs::write(&file, b"#!/bin/sh\n").unwrap();
        assert!(read(&file).is_none());
        std::fs::write(&file, b"\x7fELF and so on").unwrap();
        assert_eq!(read(&file).unwrap(), b"\x7fELF and so on");
        std::fs::write(&file, [b"\x7fELF".as_slice(), &vec![0; 600_000]].concat()).unwrap();
        assert!(read(&file).is_none());
    }
}
