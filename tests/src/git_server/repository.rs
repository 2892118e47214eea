//! The bare repositories of a host.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use tokio::process::Command;

/// The folder of `name`, with or without `.git`; only plain names lead anywhere.
pub(super) fn folder(root: &Path, name: &str) -> io::Result<PathBuf> {
    let name = name.trim_matches('/');
    let name = name.strip_suffix(".git").unwrap_or(name);
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if !name.split('/').all(plain) {
        return Err(io::Error::other("a repository's name has letters, digits and `-_.` in its parts"));
    }
    Ok(root.join(format!("{name}.git")))
}

/// Makes an empty repository with the default branch `main`, unless it is there.
///
/// # Errors
/// For an odd name, or if git fails.
pub async fn create(root: &Path, name: &str) -> io::Result<PathBuf> {
    let folder = folder(root, name)?;
    if !folder.join("HEAD").exists() {
        tokio::fs::create_dir_all(&folder).await?;
        git(&folder, &["init", "--quiet", "--bare", "--initial-branch=main", "."]).await?;
    }
    Ok(folder)
}

/// All refs and what they point to.
pub(super) async fn refs(root: &Path, name: &str) -> io::Result<BTreeMap<String, String>> {
    let folder = folder(root, name)?;
    let text = git(&folder, &["for-each-ref", "--format=%(objectname) %(refname)"]).await?;
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs.map(|(sha, name)| (name.to_owned(), sha.to_owned())).collect())
}

/// Runs git in a repository and gives its output.
pub(super) async fn git(folder: &Path, args: &[&str]) -> io::Result<String> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
