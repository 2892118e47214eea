//! The files that a Compose file names, read from the source around it: none leads out of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use skep_stack::compose::{Outline, wanted};

use super::{Composed, LONGEST, failed, read};
use crate::{
    build::{BuildError, inside},
    deploy::{desire::refused, run::Stop},
    domain::step::Step,
};

/// What Swarm takes as a config: 1000 KB (a secret: 500 KB).
const FILE: u64 = 1_000_000;
/// Files and folders of one folder that is bound; more are no configuration.
const FOLDER: usize = 200;
/// Folders in each other; links that go round in a circle are deeper than any.
const DEEP: usize = 16;

impl Composed {
    /// Reads the files that make the project with it (`include`, `extends`, `env_file`), and those
    /// that they name in turn.
    ///
    /// # Errors
    /// A fault of the files; one that is needed is not there, leads out of the source, or is too
    /// large.
    pub fn take_project(&mut self, env: &BTreeMap<String, String>, workspace: &Path) -> Result<(), Stop> {
        let mut absent = BTreeSet::new();
        loop {
            let named =
                wanted(&self.sources(), env, &self.files).map_err(|faults| refused(Step::Build, &faults))?;
            let next: Vec<_> = named.into_iter().filter(|(path, _)| !absent.contains(path)).collect();
            if next.is_empty() {
                return Ok(());
            }
            for (path, required) in next {
                let place = self.place(&path)?;
                match read(workspace, place.as_str(), "file", "file_missing", LONGEST) {
                    Ok(bytes) => drop(self.files.insert(path, bytes)),
                    Err(BuildError::Failed { code: "file_missing", .. }) if !required => {
                        absent.insert(path);
                    }
                    Err(error) => return Err(failed(&error)),
                }
            }
        }
    }

    /// Reads the files that configs, secrets and binds name. A path that is bound and is not there
    /// is left out: the stack says what to do instead.
    ///
    /// # Errors
    /// One is not there, leads out of the source, or is too large.
    pub fn take_files(&mut self, outline: &Outline, workspace: &Path) -> Result<(), Stop> {
        for path in &outline.binds {
            let place = self.place(path)?;
            match inside(workspace, place.as_str(), "path", "file_missing") {
                Ok(real) if real.is_dir() => self.take_folder(path, place.as_str(), workspace)?,
                Ok(_) => {
                    let bytes = read(workspace, place.as_str(), "file", "file_missing", FILE);
                    self.files.insert(path.clone(), bytes.map_err(|e| failed(&e))?);
                }
                Err(BuildError::Failed { code: "file_missing", .. }) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        for path in &outline.files {
            let place = self.place(path)?;
            let bytes =
                read(workspace, place.as_str(), "file", "file_missing", FILE).map_err(|e| failed(&e))?;
            self.files.insert(path.clone(), bytes);
        }
        Ok(())
    }

    /// The files of a folder that is bound, and its own entry, which says that these are all.
    fn take_folder(&mut self, path: &str, place: &str, workspace: &Path) -> Result<(), Stop> {
        let folder = path.trim_end_matches('/');
        let mut open = vec![String::new()];
        let mut count = 0;
        while let Some(below) = open.pop() {
            let real = inside(workspace, &format!("{place}/{below}"), "folder", "file_missing")
                .map_err(|e| failed(&e))?;
            for entry in std::fs::read_dir(real).map_err(|e| unlisted(path, &e))? {
                let entry = entry.map_err(|e| unlisted(path, &e))?;
                let name = entry.file_name().into_string().map_err(|_| {
                    let message = format!("the folder '{path}' has a file whose name is no text");
                    Stop::failed(Step::Build, "file_unreadable", message)
                })?;
                let below = if below.is_empty() { name } else { format!("{below}/{name}") };
                let real = inside(workspace, &format!("{place}/{below}"), "file", "file_missing")
                    .map_err(|e| failed(&e))?;
                count += 1;
                if count > FOLDER || below.split('/').count() > DEEP {
                    let message = format!(
                        "the folder '{path}' has more than {FOLDER} files and folders, or more than {DEEP} in each other, too many for configs: make it a part of an image, or use a named volume"
                    );
                    return Err(Stop::failed(Step::Build, "folder_too_large", message));
                }
                if real.is_dir() {
                    open.push(below);
                } else {
                    let bytes = read(workspace, &format!("{place}/{below}"), "file", "file_missing", FILE);
                    self.files.insert(format!("{folder}/{below}"), bytes.map_err(|e| failed(&e))?);
                }
            }
        }
        self.files.insert(format!("{folder}/"), Vec::new());
        Ok(())
    }
}

fn unlisted(path: &str, error: &std::io::Error) -> Stop {
    Stop::failed(Step::Build, "file_unreadable", format!("the folder '{path}' cannot be listed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(folder: &str, text: &str) -> Composed {
        Composed { folder: folder.to_owned(), ..Composed::text(text) }
    }

    #[test]
    fn case_046_files_of_a_compose_file_do_not_lead_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("in"), "yes").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("out")).unwrap();
        for (path, code) in [
            ("in", None),
            ("./in", None),
            ("out", Some("path_outside_repository")),
            ("none", Some("file_missing")),
            ("/etc/passwd", Some("path_outside_repository")),
            ("../x", Some("path_outside_repository")),
        ] {
            let mut file = composed("", "");
            let outline = Outline { files: vec![path.to_owned()], ..Outline::default() };
            match (file.take_files(&outline, dir.path()), code) {
                (Ok(()), None) => assert_eq!(file.files[path], b"yes"),
                (Err(Stop::Failed(failure)), Some(code)) => assert_eq!(failure.code, code, "{path}"),
                (other, _) => panic!("{path}: {other:?}"),
            }
        }
    }

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let place = dir.path().join(path);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, text).unwrap();
        }
        dir
    }

    #[test]
    fn a_project_of_many_files_is_read_whole() {
        let dir = written(&[
            ("deploy/parts/db.yml", "services: {db: {image: 'postgres:16', env_file: [db.env]}}"),
            ("deploy/parts/db.env", "A=1"),
            ("base.yml", "services: {base: {image: 'nginx:1'}}"),
            ("deploy/conf/site/a.conf", "a"),
            ("deploy/conf/b.conf", "b"),
        ]);
        let text = "include: [parts/db.yml]\nservices:\n  web:\n    extends: {file: ../base.yml, service: base}\n    \
                    env_file: [{path: none.env, required: false}]\n    volumes: ['./conf:/etc/conf:ro', './data:/data']\n";
        let mut file = composed("deploy", text);
        let none = BTreeMap::new();
        file.take_project(&none, dir.path()).unwrap();
        let names: Vec<&str> = file.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["../base.yml", "parts/db.env", "parts/db.yml"]);
        let outline = file.outline(Step::Build, &none).unwrap();
        assert_eq!(outline.images.keys().collect::<Vec<_>>(), ["db", "web"]);
        file.take_files(&outline, dir.path()).unwrap();
        let bound: Vec<&String> = file.files.keys().filter(|path| path.starts_with("./")).collect();
        assert_eq!(
            bound,
            ["./conf/", "./conf/b.conf", "./conf/site/a.conf"],
            "what is not there is left out"
        );
    }

    #[test]
    fn case_046_a_project_does_not_lead_out() {
        let dir = written(&[("deploy/in.yml", "services: {}"), ("deploy/conf/c", "c")]);
        std::os::unix::fs::symlink("/etc", dir.path().join("deploy/etc")).unwrap();
        for round in ["a", "b"] {
            std::os::unix::fs::symlink(".", dir.path().join("deploy/conf").join(round)).unwrap();
        }
        let code = |text: &str| {
            let mut file = composed("deploy", text);
            let none = BTreeMap::new();
            let taken = file.take_project(&none, dir.path()).and_then(|()| {
                let outline = file.outline(Step::Build, &none)?;
                file.take_files(&outline, dir.path())
            });
            match taken {
                Err(Stop::Failed(failure)) => failure.code,
                other => panic!("{text}: {other:?}"),
            }
        };
        for path in ["../../x.yml", "/etc/x.yml", "etc/hostname", "../deploy/../../x"] {
            assert_eq!(code(&format!("include: ['{path}']")), "path_outside_repository", "{path}");
        }
        assert_eq!(code("include: [none.yml]"), "file_missing");
        let bind = |path: &str| format!("services: {{a: {{image: x, volumes: ['{path}:/x:ro']}}}}");
        assert_eq!(code(&bind("./etc")), "path_outside_repository");
        assert_eq!(code(&bind("./conf")), "folder_too_large", "a circle of links ends");
    }
}
