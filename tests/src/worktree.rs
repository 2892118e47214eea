//! A working tree to make commits in and to push from, with git's own program.
//!
//! Authors and dates are fixed, so that the same steps give the same commit ids.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A repository with a working tree, on the branch `main`; gone when dropped.
#[derive(Debug)]
pub struct Worktree {
    folder: tempfile::TempDir,
}

impl Worktree {
    /// An empty one.
    ///
    /// # Panics
    /// If git cannot make it.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = Self { folder };
        tree.git(&["init", "--quiet", "--initial-branch=main"]);
        tree
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and its folders.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Commits everything there is and gives the commit's id.
    ///
    /// # Panics
    /// If git refuses.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Pushes a refspec: `main`, `v1`, `+main`, `:old`.
    ///
    /// # Panics
    /// If git or the host refuses.
    pub fn push(&self, url: &str, refspec: &str) {
        self.git(&["push", "--quiet", "--", url, refspec]);
    }

    /// Runs git here and gives its output.
    ///
    /// # Panics
    /// If it fails.
    pub fn git(&self, args: &[&str]) -> String {
        self.try_git(args).unwrap_or_else(|error| panic!("git {args:?}: {error}"))
    }

    /// As [`Worktree::git`], with what git said if it failed.
    ///
    /// # Errors
    /// What git wrote to its standard error.
    ///
    /// # Panics
    /// If there is no git.
    pub fn try_git(&self, args: &[&str]) -> Result<String, String> {
        let output = Command::new("git")
            .args(["-c", "core.hooksPath=/dev/null", "-c", "protocol.file.allow=always"])
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([
                ("HOME", "/nonexistent"),
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_TERMINAL_PROMPT", "0"),
                ("GIT_AUTHOR_NAME", "Ada"),
                ("GIT_AUTHOR_EMAIL", "ada@example.org"),
                ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
                ("GIT_COMMITTER_NAME", "Ada"),
                ("GIT_COMMITTER_EMAIL", "ada@example.org"),
                ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
            ])
            .stdin(Stdio::null())
            .output()
            .expect("git");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

impl Default for Worktree {
    fn default() -> Self {
        Self::new()
    }
}
