//! Paths of the project's folder, as text: nothing here looks at a disk.

/// Whether the source of a short mount is a path, and no volume's name.
pub(super) fn is_file(source: &str) -> bool {
    source.starts_with(['.', '/', '~']) || source.starts_with("\\\\") || drive(source)
}

/// A path as it begins on Windows: `C:\` or `C:/`.
fn drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// The path from the project's directory, `~` being the home directory. Without a directory a
/// relative path stays as written.
pub(super) fn resolve(path: &str, directory: Option<&str>, home: Option<&str>) -> String {
    let path = match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => format!("{home}{rest}"),
        _ => path.to_owned(),
    };
    match directory {
        Some(directory) if !path.starts_with(['/', '~']) && !windows(&path) => {
            clean(&format!("{directory}/{path}"))
        }
        _ => path,
    }
}

fn windows(path: &str) -> bool {
    drive(path) && path[2..].starts_with(['\\', '/'])
}

/// The absolute path without empty, `.` and `..` parts.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let at = |path: &str| resolve(path, Some("/work/app"), Some("/home/me"));
        for (path, full) in [
            ("./x", "/work/app/x"),
            ("../x/./y/", "/work/x/y"),
            ("x", "/work/app/x"),
            ("/a/../b", "/a/../b"),
            ("~/x", "/home/me/x"),
            ("C:\\x", "C:\\x"),
            (".", "/work/app"),
        ] {
            assert_eq!(at(path), full);
        }
        assert_eq!(resolve("./x", None, None), "./x");
    }
}
