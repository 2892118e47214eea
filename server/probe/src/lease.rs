//! The lease of one container on its volumes, and the program that it was made for behind it.
//!
//! Swarm starts the replacement of a task whose node was away without waiting for the old container,
//! which may still run when the node comes back. Both are on the node of the volume: so the lock is the
//! kernel's, on the folder where the volume is mounted, and goes with the last process that holds it,
//! whatever ended it. No network and no server is asked.
//!
//! `lease /data /more -- program argument...`: takes the locks in this order, waits where another
//! container has one, and becomes the program, which inherits them.

use core::{ffi::CStr, mem, ptr};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{CWD, FlockOperation, Mode, OFlags, flock, openat},
    io::Errno,
};

use crate::{exec, line::Line, time};

/// Between two tries for a lock.
const AGAIN: u64 = time::SECOND / 10;

/// The words of it.
pub struct Asked<'a> {
    /// The folders.
    pub folders: &'a [&'a CStr],
    /// How many words stand before the program.
    pub before: usize,
}

/// Reads the arguments behind the program's name; nothing if they ask for something else.
#[must_use]
pub fn parse<'a>(arguments: &'a [&'a CStr]) -> Option<Asked<'a>> {
    let (first, rest) = arguments.split_first()?;
    if first.to_bytes() != b"lease" {
        return None;
    }
    let folders = rest.iter().position(|word| word.to_bytes() == b"--")?;
    // The program's own name, `lease`, the folders and `--`.
    Some(Asked { folders: rest.get(..folders)?, before: folders + 3 })
}

/// Takes the locks and becomes the program: `words` and `environment` as execve(2) wants them, and the
/// first of the words once more.
///
/// # Errors
/// A folder cannot be opened; there is no such program.
pub fn run(
    folders: &[&CStr],
    program: &CStr,
    words: *const *const u8,
    environment: *const *const u8,
    say: impl AsFd,
) -> Result<(), Line> {
    for folder in folders {
        match take(folder, &say) {
            // The program inherits it: it is open until the last process of the container ends.
            Ok(Some(lock)) => mem::forget(lock),
            Ok(None) => {}
            Err(error) => {
                let name = folder.to_str().unwrap_or("?");
                return Err(Line::new("lease: ").with(name).with(": error ").with(error.raw_os_error()));
            }
        }
    }
    exec::replace(program, words, environment);
    Err(Line::new("lease: the program is not there, or cannot be run"))
}

/// The lock of a folder, sooner or later; none where its file system knows no locks.
///
/// # Errors
/// It cannot be opened.
pub fn take(folder: &CStr, say: impl AsFd) -> Result<Option<OwnedFd>, Errno> {
    let lock = match openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()) {
        Ok(lock) => lock,
        // Nobody's app is stopped for a folder that its user may not read.
        Err(Errno::ACCESS) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut told = false;
    loop {
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(lock)),
            Err(Errno::WOULDBLOCK) => {
                if !mem::replace(&mut told, true) {
                    let name = folder.to_str().unwrap_or("?");
                    Line::new("waiting: another container still writes to ").with(name).say(&say);
                }
                time::sleep(AGAIN);
            }
            Err(Errno::INTR) => {}
            Err(_) => return Ok(None),
        }
    }
}

/// The value of a variable of an environment as execve(2) wants it.
#[must_use]
pub(crate) fn variable<'e>(environment: *const *const u8, name: &[u8]) -> Option<&'e [u8]> {
    let mut entry = environment;
    loop {
        // SAFETY: an environment is an array of pointers to C strings that lives as long as the
        // process, and a null ends it.
        #[expect(unsafe_code, reason = "the kernel's form of an environment")]
        let text = unsafe {
            if (*entry).is_null() {
                return None;
            }
            let text = CStr::from_ptr(ptr::read(entry).cast());
            entry = entry.add(1);
            text
        };
        if let Some(value) = text.to_bytes().strip_prefix(name).and_then(|rest| rest.strip_prefix(b"=")) {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        ffi::CString,
        os::unix::ffi::OsStrExt,
        sync::mpsc::{RecvTimeoutError, channel},
        time::Duration,
    };

    use super::*;

    #[test]
    fn the_words_of_the_program_are_found() {
        let asked =
            parse(&[c"lease", c"/a", c"/b", c"--", c"/bin/app", c"--"]).map(|a| (a.folders.len(), a.before));
        assert_eq!(asked, Some((2, 5)), "argv[5] is the program");
        assert!(
            parse(&[c"lease", c"/a"]).is_none() && parse(&[c"tcp", c"80"]).is_none() && parse(&[]).is_none()
        );
    }

    #[test]
    fn a_second_one_waits_until_the_first_has_gone() {
        let folder = std::env::temp_dir().join(format!("skep-lease-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = CString::new(folder.as_os_str().as_bytes()).unwrap();
        let null = || std::fs::File::options().write(true).open("/dev/null").unwrap();
        let first = take(&path, null()).unwrap().expect("a lock");
        let (told, had) = channel();
        let waiting = std::thread::spawn(move || {
            let second = take(&path, null()).unwrap();
            told.send(second.is_some()).unwrap();
        });
        assert_eq!(had.recv_timeout(Duration::from_millis(300)), Err(RecvTimeoutError::Timeout));
        drop(first);
        assert_eq!(had.recv_timeout(Duration::from_secs(5)), Ok(true));
        waiting.join().unwrap();
        std::fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn variables_are_found_by_their_whole_names() {
        let environment = [c"PATHS=/x".as_ptr().cast(), c"PATH=/a:/b".as_ptr().cast(), ptr::null::<u8>()];
        assert_eq!(variable(environment.as_ptr(), b"PATH"), Some(&b"/a:/b"[..]));
        assert_eq!(variable(environment.as_ptr(), b"HOME"), None);
    }
}
