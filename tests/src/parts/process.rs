//! A child process with its output in a file.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program` with exactly these arguments and variables; its output goes to `log`.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(program: &Path, args: &[&str], variables: &[(&str, &str)], log: PathBuf) -> Self {
        let output = File::create(&log).expect("the log can be written");
        let child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("the log can be shared"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
        Self { child, log }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far.
    #[must_use]
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Fails if it has ended.
    ///
    /// # Panics
    /// It has: its output is in the message.
    pub fn check(&mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            panic!("{} ended with {status}:\n{}", self.log.display(), self.output());
        }
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Panics
    /// It has no process id.
    pub fn terminate(&self) {
        let id =
            i32::try_from(self.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }

    /// Waits for its end; its exit code, none if a signal ended it.
    ///
    /// # Panics
    /// It cannot be waited for.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().expect("its end is seen").code()
    }

    /// Ends it now; a power cut.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
