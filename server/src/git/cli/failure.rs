//! From what git and ssh complain about to what a user can do about it.
//!
//! Their messages are stable in the C locale. What is not known counts as a host that does not
//! answer, so that it is tried again, with the last line that was said.

use std::io;

use super::super::GitError;
use crate::domain::fault::Wrong;

/// A failure that will come again.
pub(super) fn refused(code: &'static str, message: impl Into<String>) -> GitError {
    GitError::Refused { code, message: message.into() }
}

/// Our own machine's fault: no disk, no permission. Worth another try.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn from_io(error: io::Error) -> GitError {
    GitError::Unreachable(format!("git could not be run here: {error}"))
}

/// A rule of a checked type.
pub(super) fn from_wrong(wrong: Wrong) -> GitError {
    GitError::Refused { code: wrong.code, message: wrong.message }
}

/// Words in lower case, any of which decides; what it means; what to do.
const KNOWN: &[(&[&str], &str, &str)] = &[
    (
        &[
            "ssl certificate problem",
            "certificate verify",
            "server certificate verification failed",
            "ssl: no alternative certificate",
        ],
        "certificate_invalid",
        "the host's TLS certificate is not valid for its name",
    ),
    (
        &["host key verification failed", "remote host identification has changed", "host key is known"],
        "host_key_changed",
        "the ssh host shows a key that is not saved for it: compare its key with what the host publishes, then save it",
    ),
    (
        &[
            "url base from redirection",
            "returned error: 301",
            "returned error: 302",
            "returned error: 303",
            "returned error: 307",
            "returned error: 308",
        ],
        "address_not_allowed",
        "the host redirects to another address, which is not followed: use the address that it leads to",
    ),
    (
        &[
            "authentication failed",
            "could not read username",
            "could not read password",
            "returned error: 401",
            "returned error: 403",
            "permission denied (",
            "invalid format",
            "error in libcrypto",
            "access denied",
            "authentication required",
        ],
        "unauthorized",
        "the host refuses access: give the app a git credential for it, or renew the one it has",
    ),
    (
        &[
            "not our ref",
            "unadvertised object",
            "couldn't find remote ref",
            "no such remote ref",
            "is not valid",
            "missing necessary objects",
        ],
        "commit_not_found",
        "the repository has no such commit: it may have been removed by a forced push",
    ),
    (
        &[
            "repository not found",
            "returned error: 404",
            "' not found",
            "does not appear to be a git repository",
        ],
        "repository_not_found",
        "the host has no such repository, or does not show it without a git credential",
    ),
    (
        &["transport '", "protocol '"],
        "scheme_not_allowed",
        "the repository wants a transport that is not allowed",
    ),
];

/// What `errors` means.
pub(super) fn read(errors: &str) -> GitError {
    let text = errors.to_lowercase();
    for (words, code, message) in KNOWN {
        if words.iter().any(|word| text.contains(word)) {
            return refused(code, *message);
        }
    }
    GitError::Unreachable(last_line(errors))
}

/// The last line that says something, as plain text of bounded length.
fn last_line(errors: &str) -> String {
    let line = errors.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or("git ended without a word");
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_understood() {
        for (said, code) in [
            ("fatal: Authentication failed for 'https://h/a/'", "unauthorized"),
            ("fatal: could not read Username for 'https://h': terminal prompts disabled", "unauthorized"),
            (
                "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
                "unauthorized",
            ),
            ("fatal: remote error: upload-pack: not our ref 0123", "commit_not_found"),
            ("error: Server does not allow request for unadvertised object 0123", "commit_not_found"),
            ("fatal: repository 'https://h/a/' not found", "repository_not_found"),
            (
                "Host key verification failed.\nfatal: Could not read from remote repository.",
                "host_key_changed",
            ),
            (
                "fatal: unable to access 'https://h/': The requested URL returned error: 302",
                "address_not_allowed",
            ),
            (
                "fatal: unable to access 'https://h/': SSL certificate problem: certificate is not yet valid",
                "certificate_invalid",
            ),
        ] {
            match read(said) {
                GitError::Refused { code: got, .. } => assert_eq!(got, code, "{said}"),
                other => panic!("{said}: {other}"),
            }
        }
        let other = read("fatal: unable to access 'x': Failed to connect to h\u{1b}[31m port 443\n\n");
        assert!(
            matches!(other, GitError::Unreachable(line) if line.contains("Failed to connect") && !line.contains('\u{1b}'))
        );
    }
}
