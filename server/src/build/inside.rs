//! Paths of a repository that must not lead out of it, whatever links lie on the way.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::BuildError;

/// The real place of `path` below `top`, which links may lead to as long as it stays below `top`.
///
/// # Errors
/// `path_outside_repository`, or `missing` with the words of `what` if there is nothing.
pub fn inside(top: &Path, path: &str, what: &str, missing: &'static str) -> Result<PathBuf, BuildError> {
    let outside = || BuildError::Failed {
        code: "path_outside_repository",
        message: format!("the {what} '{path}' leads out of the repository: use a path inside it"),
    };
    let relative = Path::new(path);
    let plain = |part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir);
    if !relative.components().all(plain) {
        return Err(outside());
    }
    let real = |path: &Path| match path.canonicalize() {
        Ok(real) => Ok(Some(real)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        // A circle of links, or a folder that may not be read.
        Err(_) => Err(outside()),
    };
    let gone = || BuildError::Failed {
        code: missing,
        message: format!(
            "there is no {what} '{path}' in the repository: correct the path in the build settings"
        ),
    };
    let top = real(top)?.ok_or_else(gone)?;
    let place = top.join(relative);
    match real(&place)? {
        Some(place) if place.starts_with(&top) => Ok(place),
        Some(_) => Err(outside()),
        // A link to nothing tells nothing about what is outside.
        None if place.is_symlink() => Err(outside()),
        None => Err(gone()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn code(top: &Path, path: &str) -> &'static str {
        match inside(top, path, "Dockerfile", "dockerfile_missing") {
            Err(BuildError::Failed { code, message }) => {
                assert!(!message.contains("root:"), "the target's content never shows");
                code
            }
            Err(_) => "other",
            Ok(_) => "ok",
        }
    }

    #[test]
    fn case_045_absolute_and_upward_paths() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["/etc/passwd", "../x", "a/../../x", "a/../x"] {
            assert_eq!(code(dir.path(), path), "path_outside_repository", "{path}");
        }
        assert_eq!(code(dir.path(), "Dockerfile"), "dockerfile_missing");
    }

    #[test]
    fn case_046_links_that_leave_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("repo");
        std::fs::create_dir_all(top.join("docker")).unwrap();
        std::fs::write(top.join("docker/real"), "FROM scratch").unwrap();
        std::fs::write(dir.path().join("secret"), "x").unwrap();
        symlink("/etc/passwd", top.join("absolute")).unwrap();
        symlink("../secret", top.join("upward")).unwrap();
        symlink("/nonexistent/x", top.join("dangling")).unwrap();
        symlink("circle", top.join("circle")).unwrap();
        symlink("/etc", top.join("folder")).unwrap();
        symlink("docker/real", top.join("within")).unwrap();
        for path in ["absolute", "upward", "dangling", "circle", "folder/passwd", "folder"] {
            assert_eq!(code(&top, path), "path_outside_repository", "{path}");
        }
        assert_eq!(code(&top, "within"), "ok");
        assert_eq!(code(&top, "docker/real"), "ok");
    }
}
