//! Our own static programs that go into containers, the health probe and the web server of static
//! sites: where their bytes come from.
//!
//! Each is built by itself (see `server/probe/`, `server/site/`), and either embedded here by naming
//! the file in `SKEP_PROBE` and `SKEP_SITE` when Skep is compiled, or found at the start: in the file
//! that `SKEP_PROBE_FILE` or `SKEP_SITE_FILE` names, else beside the executable.

use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Larger files are no probe: Swarm takes configs of 1000 KiB at most.
const LARGEST: u64 = 500 * 1000;
/// The web server lies in an image, and may be larger.
const LARGEST_SITE: u64 = 16 << 20;

/// The probe's program, or none if there is none in this installation.
pub fn bytes() -> Option<&'static [u8]> {
    static FOUND: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    match PROBE {
        Some(bytes) => Some(bytes),
        None => FOUND.get_or_init(|| find("SKEP_PROBE_FILE", "skep-probe", LARGEST)).as_deref(),
    }
}

/// The web server of static sites, or none if there is none in this installation.
pub fn site() -> Option<&'static [u8]> {
    static FOUND: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    match SITE {
        Some(bytes) => Some(bytes),
        None => FOUND.get_or_init(|| find("SKEP_SITE_FILE", "skep-site", LARGEST_SITE)).as_deref(),
    }
}

fn find(variable: &str, name: &str, largest: u64) -> Option<Vec<u8>> {
    let named = std::env::var_os(variable).map(std::path::PathBuf::from);
    let beside = || Some(std::env::current_exe().ok()?.parent()?.join(name));
    read(&named.or_else(beside)?, largest)
}

fn read(file: &std::path::Path, largest: u64) -> Option<Vec<u8>> {
    let about = std::fs::metadata(file).ok()?;
    if !about.is_file() || about.len() > largest {
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
        assert!(read(&file, LARGEST).is_none());
        std::fs::write(&file, b"#!/bin/sh\n").unwrap();
        assert!(read(&file, LARGEST).is_none());
        std::fs::write(&file, b"\x7fELF and so on").unwrap();
        assert_eq!(read(&file, LARGEST).unwrap(), b"\x7fELF and so on");
        std::fs::write(&file, [b"\x7fELF".as_slice(), &vec![0; 600_000]].concat()).unwrap();
        assert!(read(&file, LARGEST).is_none());
    }
}
