//! A program in the container as the check.

use core::{arch::asm, ffi::CStr, ptr};

use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, setpgid, waitpid};

use crate::{lease, line::Line, time};

/// More words than this have no place.
const WORDS: usize = 64;
/// Between two looks at the program.
const LOOK: u64 = 10_000_000;

/// The program ends with 0 until `deadline`; after it, it and its children are killed.
///
/// # Errors
/// Its exit code, or why there is none.
pub fn check(words: &[&CStr], environment: *const *const u8, deadline: u64) -> Result<(), Line> {
    let mut pointers = [ptr::null::<u8>(); WORDS + 1];
    if words.len() > WORDS {
        return Err(Line::new("exec: more than 64 words"));
    }
    for (pointer, word) in pointers.iter_mut().zip(words) {
        *pointer = word.as_ptr().cast();
    }
    let Some(program) = words.first() else { return Err(Line::new("exec: no program")) };
    let child = match fork() {
        0 => {
            let _ = setpgid(None, None);
            replace(program, pointers.as_ptr(), environment);
            exit(127)
        }
        id => Pid::from_raw(id).ok_or_else(|| Line::new("exec: no new process"))?,
    };
    loop {
        match waitpid(Some(child), WaitOptions::NOHANG) {
            Ok(Some((_, status))) => {
                return match (status.exit_status(), status.terminating_signal()) {
                    (Some(0), _) => Ok(()),
                    (Some(127), _) => Err(Line::new("exec: it ended with 127: is there such a program?")),
                    (Some(code), _) => Err(Line::new("exec: it ended with ").with(code)),
                    (None, Some(signal)) => Err(Line::new("exec: signal ").with(signal)),
                    (None, None) => Err(Line::new("exec: it ended")),
                };
            }
            Ok(None) if time::now() < deadline => time::sleep(LOOK),
            Ok(None) => {
                let _ = kill_process_group(child, Signal::KILL);
                let _ = waitpid(Some(child), WaitOptions::empty());
                return Err(Line::new("exec: not done in time"));
            }
            Err(error) => return Err(Line::new("exec: error ").with(error.raw_os_error())),
        }
    }
}

/// Where programs usually are.
const USUAL: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Becomes the program; a bare name is looked for in the folders of `PATH`, as the engine does, and
/// then where programs usually are. Comes back if it cannot.
pub(crate) fn replace(program: &CStr, words: *const *const u8, environment: *const *const u8) {
    let name = program.to_bytes_with_nul();
    if name.contains(&b'/') {
        execute(name.as_ptr(), words, environment);
        return;
    }
    let own = lease::variable(environment, b"PATH").unwrap_or_default();
    for folder in own.split(is_colon).chain(USUAL.split(is_colon)).filter(|folder| !folder.is_empty()) {
        let mut path = [0_u8; 1024];
        let end = folder.len() + 1;
        let Some(rest) = path.get_mut(end..end + name.len()) else { continue };
        rest.copy_from_slice(name);
        if let Some(start) = path.get_mut(..folder.len()) {
            start.copy_from_slice(folder);
        }
        if let Some(slash) = path.get_mut(folder.len()) {
            *slash = b'/';
        }
        execute(path.as_ptr(), words, environment);
    }
}

fn is_colon(byte: &u8) -> bool {
    *byte == b':'
}

/// The calls that no safe interface has, by the kernel's numbers.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    /// clone(2).
    Clone,
    /// execve(2).
    Execve,
    /// `exit_group`(2).
    Exit,
    /// `rt_sigprocmask`(2).
    Mask,
    /// `rt_sigtimedwait`(2).
    Wait,
    /// kill(2).
    Kill,
}

impl Call {
    #[cfg(target_arch = "x86_64")]
    const fn number(self) -> usize {
        match self {
            Self::Clone => 56,
            Self::Execve => 59,
            Self::Exit => 231,
            Self::Mask => 14,
            Self::Wait => 128,
            Self::Kill => 62,
        }
    }

    #[cfg(target_arch = "aarch64")]
    const fn number(self) -> usize {
        match self {
            Self::Clone => 220,
            Self::Execve => 221,
            Self::Exit => 94,
            Self::Mask => 135,
            Self::Wait => 137,
            Self::Kill => 129,
        }
    }
}

/// The new process's id, or 0 in it, or a negative error.
pub(crate) fn fork() -> i32 {
    const SIGCHLD: usize = 17;
    // Without shared memory and without a new stack it is a plain fork.
    i32::try_from(call(Call::Clone, [SIGCHLD, 0, 0, 0])).unwrap_or(-1)
}

fn execute(path: *const u8, words: *const *const u8, environment: *const *const u8) {
    call(Call::Execve, [path as usize, words as usize, environment as usize, 0]);
}

/// Ends the process with this code.
pub fn exit(code: i32) -> ! {
    loop {
        call(Call::Exit, [usize::try_from(code).unwrap_or(1), 0, 0, 0]);
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the calls that no safe interface has")]
pub(crate) fn call(call: Call, arguments: [usize; 4]) -> isize {
    let result: isize;
    // SAFETY: the kernel reads the given pointers, and writes to those alone that are made of
    // mutable places; all of them point to live, ended values.
    unsafe {
        asm!("syscall", inlateout("rax") call.number() as isize => result, in("rdi") arguments[0],
             in("rsi") arguments[1], in("rdx") arguments[2], in("r10") arguments[3], in("r8") 0,
             lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "the calls that no safe interface has")]
pub(crate) fn call(call: Call, arguments: [usize; 4]) -> isize {
    let result: isize;
    // SAFETY: the kernel reads the given pointers, and writes to those alone that are made of
    // mutable places; all of them point to live, ended values.
    unsafe {
        asm!("svc 0", in("x8") call.number(), inlateout("x0") arguments[0] as isize => result,
             in("x1") arguments[1], in("x2") arguments[2], in("x3") arguments[3], in("x4") 0, options(nostack));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(words: &[&'static CStr]) -> Result<(), String> {
        let environment = [c"A=1".as_ptr().cast::<u8>(), ptr::null()];
        let result = check(words, environment.as_ptr(), time::now() + time::SECOND);
        result.map_err(|line| line.text().to_owned())
    }

    #[test]
    fn knows_how_a_program_ended() {
        assert_eq!(ended(&[c"/bin/true"]), Ok(()));
        assert_eq!(ended(&[c"true"]), Ok(()), "found where programs are");
        assert_eq!(ended(&[c"/usr/bin/test", c"a", c"=", c"a"]), Ok(()));
        assert_eq!(ended(&[c"/bin/false"]), Err("exec: it ended with 1".to_owned()));
        assert!(ended(&[c"/nonexistent"]).unwrap_err().contains("127"));
        assert!(ended(&[c"nonexistent"]).unwrap_err().contains("127"));
    }

    #[test]
    fn what_does_not_end_is_killed() {
        let began = time::now();
        assert_eq!(ended(&[c"sleep", c"77"]), Err("exec: not done in time".to_owned()));
        assert!(time::now() - began < 3 * time::SECOND);
    }
}
