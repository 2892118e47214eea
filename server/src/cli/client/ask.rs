//! Asks a person. Secrets are never echoed; without a terminal they are a line of standard input.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::fault::Failure;
use crate::domain::secret::Secret;

/// A secret; `what` is the question.
pub(super) fn secret(what: &str) -> Result<Secret, Failure> {
    let text = if std::io::stdin().is_terminal() { unseen(what)? } else { line()? };
    if text.is_empty() {
        return Err(Failure::Usage(format!("{what}: nothing was given on standard input")));
    }
    Ok(Secret::new(text))
}

/// Makes sure that somebody means it: by `yes`, or by the name typed again.
pub(super) fn sure(yes: bool, name: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!("to remove {name} for good, say --yes")));
    }
    tell(&format!("This removes {name} for good. Type its name to go on: "));
    if line()? == name {
        return Ok(());
    }
    Err(Failure::NotDone("nothing was removed".into()))
}

/// Makes sure that somebody on the terminal agrees.
pub(super) fn agreed(question: &str) -> Result<(), Failure> {
    tell(&format!("{question} [y/N] "));
    match line()?.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::NotDone("nothing was changed".into())),
    }
}

fn tell(text: &str) {
    let mut out = std::io::stderr();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn line() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text).map_err(|error| lost(&error))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn lost(error: &dyn std::fmt::Display) -> Failure {
    Failure::NotDone(format!("standard input cannot be read: {error}"))
}

/// Gives the terminal back as it was.
struct Quiet(Termios);

impl Quiet {
    /// Neither echo nor signals: Ctrl-C is read here, so that the terminal is always given back.
    fn begin() -> Result<Self, Failure> {
        let before = tcgetattr(std::io::stdin()).map_err(|error| lost(&error))?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &quiet).map_err(|error| lost(&error))?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

fn unseen(what: &str) -> Result<String, Failure> {
    let quiet = Quiet::begin()?;
    tell(&format!("{what}: "));
    let text = typed(std::io::stdin().lock().bytes());
    drop(quiet);
    tell("\n");
    text
}

/// What the keys make: a line with what was taken back left out.
fn typed(keys: impl Iterator<Item = std::io::Result<u8>>) -> Result<String, Failure> {
    let mut text = Vec::new();
    for key in keys {
        match key.map_err(|error| lost(&error))? {
            b'\r' | b'\n' | 4 => break,
            3 => return Err(Failure::NotDone("stopped".into())),
            21 => text.clear(),
            // A character may be several bytes.
            8 | 127 => while text.pop().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {},
            byte => text.push(byte),
        }
    }
    String::from_utf8(text).map_err(|_| Failure::Usage("that is not UTF-8".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<String, u8> {
        typed(text.bytes().map(Ok)).map_err(|failure| failure.exit_code())
    }

    #[test]
    fn keys_make_a_line() {
        assert_eq!(keys("secret\nmore"), Ok("secret".into()));
        assert_eq!(keys("seä\u{7f}cret\r"), Ok("secret".into()));
        assert_eq!(keys("wrong\u{15}right\n"), Ok("right".into()));
        assert_eq!(keys("half\u{3}"), Err(1));
    }
}
