//! The sample of variables that a repository holds beside its program (`.env.example` and the like): who
//! deploys is told which of its names have no value there and were set by nobody. A sample is no order:
//! it only warns, and where there is none, or one that cannot be read, nothing is said.

use std::path::Path;

use skep_stack::dotenv;

use super::{run::Run, variables::Resolved};
use crate::build::inside;

/// What samples are called, the usual first.
const NAMES: [&str; 3] = [".env.example", ".env.sample", ".env.template"];
/// A sample is text of at most this many bytes.
const LONGEST: u64 = 256 << 10;
/// Names that are told of one sample.
const TOLD: usize = 50;

/// Tells of names without a value, in samples of the source's top and of `folder`.
pub(super) fn tell(run: &Run, folder: &str, variables: &Resolved) {
    let top = run.workspace();
    let folders = if folder.is_empty() { vec![""] } else { vec!["", folder] };
    for folder in folders {
        let paths =
            NAMES.map(|name| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
        let found = paths.iter().find_map(|path| Some((path, read(&top, path)?)));
        let Some((path, text)) = found else { continue };
        let unset = unset(&text, |name| variables.env.contains_key(name));
        if !unset.is_empty() {
            run.log.say(&format!(
                "Warning: {path} names variables without a value that nobody set: {}.",
                unset.join(", ")
            ));
        }
    }
}

fn read(top: &Path, path: &str) -> Option<String> {
    let place = inside(top, path, "file", "file_missing").ok()?;
    let about = std::fs::metadata(&place).ok()?;
    if !about.is_file() || about.len() > LONGEST {
        return None;
    }
    String::from_utf8(std::fs::read(&place).ok()?).ok()
}

/// Names that have no value, in the order of the sample.
fn unset(text: &str, is_set: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = dotenv::read(text).unwrap_or_default();
    let open = entries.into_iter().filter(|entry| entry.value.as_ref().is_none_or(String::is_empty));
    open.map(|entry| entry.name).filter(|name| !is_set(name)).take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_a_value_that_nobody_set_are_told() {
        let text = "# copy me\nDATABASE_URL=\nMODE=fast\nSECRET_KEY=''\nexport TOKEN=\nPLAIN\n";
        assert_eq!(unset(text, |name| name == "TOKEN"), ["DATABASE_URL", "SECRET_KEY", "PLAIN"]);
        assert!(unset("<html>\n", |_| false).is_empty(), "what cannot be read says nothing");
        assert_eq!(unset(&(0..99).map(|i| format!("A{i}=\n")).collect::<String>(), |_| false).len(), TOLD);
    }

    #[test]
    fn a_sample_does_not_lead_out_of_the_source() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join(".env.example")).unwrap();
        std::fs::write(dir.path().join(".env.sample"), "A=\n").unwrap();
        assert_eq!(read(dir.path(), ".env.example"), None);
        assert_eq!(read(dir.path(), ".env.sample").as_deref(), Some("A=\n"));
        std::fs::write(dir.path().join(".env.template"), "#".repeat(300 << 10)).unwrap();
        assert_eq!(read(dir.path(), ".env.template"), None, "too long");
    }
}
