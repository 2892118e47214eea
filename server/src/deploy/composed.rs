//! An app of several services: its Compose files, the files that they name, and the images that are
//! built for them. Recorded whole and sealed, as it holds secrets: what was built is what is planned,
//! also after a restart, when the source is gone.

mod builds;
mod files;

use std::{collections::BTreeMap, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use skep_stack::compose::{Outline, load, outline};

use super::{
    desire::refused,
    parts::Parts,
    run::{Run, Stop},
};
use crate::{
    build::{BuildError, inside},
    domain::{
        app::{App, Build, Source},
        name::RelPath,
        step::Step,
    },
};

/// A Compose file is text of at most this many bytes.
const LONGEST: u64 = 1 << 20;
/// The names under which the file is looked for if the app names none, as the Compose
/// specification orders them.
pub const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// What a deployment knows of its Compose files.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composed {
    /// The first file.
    pub text: String,
    /// The folder that it is in, relative to the source's top; paths in all files begin there.
    pub folder: String,
    /// Its path, to tell it from the others; empty if it is alone.
    #[serde(default)]
    pub path: String,
    /// Files merged onto it, in this order: path and text.
    #[serde(default)]
    pub overrides: Vec<(String, String)>,
    /// Files that it names: includes and the like by their path from its folder, those of configs,
    /// secrets and binds by their path as written (see [`Outline`]).
    pub files: BTreeMap<String, Vec<u8>>,
    /// Local images by service, for those that are built.
    pub images: BTreeMap<String, String>,
}

impl Composed {
    /// A Compose file without a source around it.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folder: String::new(),
            path: String::new(),
            overrides: Vec::new(),
            files: BTreeMap::new(),
            images: BTreeMap::new(),
        }
    }

    /// The files, in the order in which they are merged.
    #[must_use]
    pub fn sources(&self) -> Vec<load::Source<'_>> {
        let overrides = self.overrides.iter().map(|(path, text)| load::Source { path, text });
        std::iter::once(load::Source { path: &self.path, text: &self.text }).chain(overrides).collect()
    }

    /// Reads the files of an app whose source lies in the workspace, or is the file itself.
    ///
    /// # Errors
    /// One is not there, leads out of the source, or is no text.
    pub fn find(app: &App, workspace: &Path) -> Result<Self, Stop> {
        let (path, overrides) = match (&app.source, &app.build) {
            (Source::Compose { text }, _) => return Ok(Self::text(text)),
            (_, Build::Compose { path, overrides }) => (path.as_str(), overrides.as_slice()),
            _ => ("", &[][..]),
        };
        let names: Vec<&str> = if path == NAMES[0] { NAMES.to_vec() } else { vec![path] };
        let mut missing = None;
        for name in names {
            let text = match main(workspace, name) {
                Err(BuildError::Failed { code: "compose_missing", message }) => {
                    missing.get_or_insert(message);
                    continue;
                }
                read => read.map_err(|e| failed(&e))?,
            };
            let mut found = Self::text(&text);
            name.rsplit_once('/').map_or("", |(folder, _)| folder).clone_into(&mut found.folder);
            for path in overrides {
                let text = main(workspace, path.as_str()).map_err(|e| failed(&e))?;
                found.overrides.push((path.to_string(), text));
                name.clone_into(&mut found.path);
            }
            return Ok(found);
        }
        Err(Stop::failed(Step::Build, "compose_missing", missing.unwrap_or_default()))
    }

    /// What it needs from outside.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn outline(&self, step: Step, env: &BTreeMap<String, String>) -> Result<Outline, Stop> {
        outline(&self.sources(), env, &self.files).map_err(|faults| refused(step, &faults))
    }

    /// A path of the file, from the source's top.
    fn place(&self, path: &str) -> Result<RelPath, Stop> {
        RelPath::parse(&self.climb(path)).map_err(|wrong| {
            Stop::failed(Step::Build, "path_outside_repository", format!("'{path}' {wrong}"))
        })
    }

    /// The path with its `..` walked, as long as they stay in the source; those that leave it stay,
    /// and are refused, as is a path that is absolute.
    fn climb(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let mut parts: Vec<&str> = self.folder.split('/').filter(|part| !part.is_empty()).collect();
        let own = parts.len();
        for part in path.split('/') {
            match part {
                ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        if own == 0 && parts.is_empty() { path.to_owned() } else { parts.join("/") }
    }

    /// As it is recorded: JSON, sealed, base64.
    ///
    /// # Errors
    /// Never, unless memory is short.
    pub fn seal(&self, parts: &Parts) -> Result<String, Stop> {
        let json =
            serde_json::to_vec(self).map_err(|e| Stop::failed(Step::Build, "internal", e.to_string()))?;
        Ok(STANDARD.encode(parts.seal.seal(&*parts.clock, "compose", &json)))
    }

    /// What was recorded, or what the source says by itself; none for an app of one image.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn of(run: &Run, sealed: Option<&str>) -> Result<Option<Self>, Stop> {
        let Some(sealed) = sealed else {
            return Ok(match &run.app.source {
                Source::Compose { text } => Some(Self::text(text)),
                _ => None,
            });
        };
        Self::open(&run.parts, sealed).map(Some)
    }

    /// What was recorded.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(parts: &Parts, sealed: &str) -> Result<Self, Stop> {
        let damaged = |why: String| {
            let message = format!("the recorded Compose file cannot be read: {why}");
            Stop::failed(Step::Build, "sealed", message)
        };
        let sealed = STANDARD.decode(sealed).map_err(|e| damaged(e.to_string()))?;
        let json = parts.seal.open("compose", &sealed).map_err(|e| damaged(e.to_string()))?;
        serde_json::from_slice(&json).map_err(|e| damaged(e.to_string()))
    }
}

/// Without contents: they may be secret.
impl std::fmt::Debug for Composed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composed")
            .field("folder", &self.folder)
            .field("files", &self.files.keys())
            .field("images", &self.images)
            .finish_non_exhaustive()
    }
}

/// A main file, which is text.
fn main(workspace: &Path, name: &str) -> Result<String, BuildError> {
    let bytes = read(workspace, name, "Compose file", "compose_missing", LONGEST)?;
    String::from_utf8(bytes).map_err(|_| BuildError::Failed {
        code: "compose_unreadable",
        message: format!("'{name}' must be UTF-8 text"),
    })
}

fn read(
    top: &Path,
    name: &str,
    what: &str,
    missing: &'static str,
    longest: u64,
) -> Result<Vec<u8>, BuildError> {
    let place = inside(top, name, what, missing)?;
    let unreadable = |why: String| BuildError::Failed {
        code: "file_unreadable",
        message: format!("{what} '{name}' {why}"),
    };
    let about = std::fs::metadata(&place).map_err(|e| unreadable(format!("cannot be read: {e}")))?;
    if !about.is_file() || about.len() > longest {
        return Err(unreadable(format!("must be a file of at most {longest} bytes")));
    }
    std::fs::read(&place).map_err(|e| unreadable(format!("cannot be read: {e}")))
}

fn failed(error: &BuildError) -> Stop {
    match error {
        BuildError::Failed { code, message } => Stop::failed(Step::Build, code, message.clone()),
        other => Stop::Retry(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(folder: &str, text: &str) -> Composed {
        Composed { folder: folder.to_owned(), ..Composed::text(text) }
    }

    #[test]
    fn what_was_recorded_of_one_file_is_still_read() {
        let before = r#"{"text": "services: {}", "folder": "deploy", "files": {}, "images": {}}"#;
        let read: Composed = serde_json::from_str(before).unwrap();
        assert_eq!(read, composed("deploy", "services: {}"));
        assert_eq!(read.sources().iter().map(|source| source.path).collect::<Vec<_>>(), [""]);
    }
}
