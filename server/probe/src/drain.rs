//! The program of a container that visitors are led to, told to stop a little later than Swarm says.
//!
//! Swarm has no hook before a stop: it takes a task out of its records and sends the stop signal in
//! the same moment, while the edge still leads visitors there for a second or two. So this process is
//! what gets the signal. It lets the program serve on until the edge has let go for certain, and only
//! then passes the signal on. Nobody has to be reachable for that, and it holds for whatever ends a
//! task: an update, a return, a smaller scale, a drained node, a restart.
//!
//! `drain 5s 15 -- program argument...`: starts the program, passes each signal on at once but the
//! first of number 15, which waits 5 s; a second one does not wait. It ends as its program does, and
//! waits for the orphans that a container's first process inherits.

use core::ffi::CStr;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::{
    arguments,
    exec::{self, exit},
    line::Line,
    signals, time,
};

/// The words of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// Nanoseconds between the stop signal and the program's hearing of it.
    pub hold: u64,
    /// The stop signal's number.
    pub signal: i32,
    /// How many words stand before the program.
    pub before: usize,
}

/// Reads the arguments behind the program's name; nothing if they ask for something else.
#[must_use]
pub fn parse(arguments: &[&CStr]) -> Option<Asked> {
    let [first, hold, signal, end, ..] = arguments else { return None };
    if first.to_bytes() != b"drain" || end.to_bytes() != b"--" {
        return None;
    }
    let hold = hold.to_str().ok().and_then(arguments::duration)?;
    let signal = signal.to_str().ok()?.parse().ok().filter(|number| (1..=64).contains(number))?;
    // The program's own name, `drain`, two values and `--`.
    Some(Asked { hold, signal, before: 5 })
}

/// Starts the program and ends with it: `words` and `environment` as execve(2) wants them, and the
/// first of the words once more.
///
/// # Errors
/// There can be no new process.
pub fn run(
    asked: &Asked,
    program: &CStr,
    words: *const *const u8,
    environment: *const *const u8,
) -> Result<core::convert::Infallible, Line> {
    // Blocked before there is a child: none of its signals is missed, and a container's first
    // process gets no signal at all that it neither handles nor blocks.
    let before = signals::block();
    let child = match exec::fork() {
        0 => {
            signals::restore(before);
            exec::replace(program, words, environment);
            exit(127)
        }
        id => Pid::from_raw(id).ok_or_else(|| Line::new("drain: no new process"))?,
    };
    let mut held = Held::Not;
    loop {
        let left = match held {
            Held::Until(deadline) => Some(deadline.saturating_sub(time::now())),
            Held::Not | Held::Over => None,
        };
        match signals::wait(left) {
            Some(signals::CHILD) => reap(child),
            Some(number) if number == asked.signal && held == Held::Not => {
                held = Held::Until(time::now().saturating_add(asked.hold));
            }
            Some(number) => {
                if number == asked.signal {
                    held = Held::Over;
                }
                pass(child, number);
            }
            None => {
                if let Held::Until(deadline) = held
                    && time::now() >= deadline
                {
                    held = Held::Over;
                    pass(child, asked.signal);
                }
            }
        }
    }
}

/// Where the stop signal is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// It has not come.
    Not,
    /// It has come, and is passed on then.
    Until(u64),
    /// It was passed on.
    Over,
}

fn pass(child: Pid, number: i32) {
    // A program that has another user by now may refuse it; Swarm kills it after the grace.
    if let Some(signal) = Signal::from_named_raw(number) {
        let _ = kill_process(child, signal);
    } else {
        signals::send(child, number);
    }
}

/// Waits for every process that has ended; ends if the program is one of them.
fn reap(child: Pid) {
    while let Ok(Some((pid, status))) = waitpid(None, WaitOptions::NOHANG) {
        if pid == child {
            exit(match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => code,
                // As shells and engines tell it.
                (None, Some(signal)) => 128 + signal,
                (None, None) => continue,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_program_are_found() {
        let words = [c"drain", c"1500ms", c"3", c"--", c"/bin/app", c"--"];
        assert_eq!(parse(&words), Some(Asked { hold: 1_500_000_000, signal: 3, before: 5 }));
        for wrong in [
            &[c"drain", c"5s", c"15"][..],
            &[c"drain", c"5", c"15", c"--", c"x"],
            &[c"drain", c"5s", c"0", c"--", c"x"],
            &[c"drain", c"5s", c"65", c"--", c"x"],
            &[c"drain", c"5s", c"TERM", c"--", c"x"],
            &[c"drain", c"5s", c"15", c"x", c"--"],
            &[c"lease", c"5s", c"15", c"--", c"x"],
        ] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
