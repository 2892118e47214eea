//! What lies in the data folder: mirrors of repositories, workspaces, uploads.

use std::{
    collections::BTreeSet,
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use crate::{
    deploy::{archive, parts::Parts},
    domain::{
        app::{App, Source},
        deployment::Deployment,
    },
    reconcile::Trouble,
};

/// An upload that no app names any more is kept for this long: a deployment may be on its way.
const UPLOADS: Duration = Duration::from_secs(86_400);
/// A mirror that was not used for this long is fetched anew if it is needed again.
const MIRRORS: Duration = Duration::from_secs(7 * 86_400);
/// A workspace of a deployment that has ended may still be written by who has not heard of it.
const WORKSPACES: Duration = Duration::from_secs(3600);

/// Takes away what no app and no open deployment needs.
pub(super) async fn sweep(parts: &Parts, apps: &[App], open: &[Deployment]) -> Result<(), Trouble> {
    let now = parts.clock.now();
    let other = |e: io::Error| Trouble::Other(e.to_string());
    let mirrors = chrono::Duration::from_std(MIRRORS).unwrap_or_default();
    parts.git.sweep(now - mirrors).await.map_err(other)?;

    let digests: BTreeSet<String> = apps
        .iter()
        .filter_map(|app| match &app.source {
            Source::Upload { digest } => digest.clone(),
            _ => None,
        })
        .collect();
    let working: BTreeSet<String> = open.iter().map(|deployment| deployment.id.to_string()).collect();
    let data = parts.instance.data.clone();
    let swept = tokio::task::spawn_blocking(move || {
        archive::sweep(&data, &digests, now.into(), UPLOADS)?;
        workspaces(&data.join("work"), &working, now.into())
    });
    swept.await.map_err(|e| Trouble::Other(e.to_string()))?.map_err(other)
}

/// Takes away workspaces (`<deployment>`, and `<deployment>.half` before it is whole).
fn workspaces(folder: &Path, working: &BTreeSet<String>, now: SystemTime) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let id = name.to_str().map(|name| name.trim_end_matches(".half"));
        let old = entry
            .metadata()
            .and_then(|about| about.modified())
            .is_ok_and(|changed| now.duration_since(changed).is_ok_and(|since| since > WORKSPACES));
        if old && !id.is_some_and(|id| working.contains(id)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_workspaces_of_deployments_that_ended_go() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["ended", "ended2.half", "open", "open2.half"] {
            fs::create_dir_all(dir.path().join(name).join("src")).unwrap();
        }
        let working = BTreeSet::from(["open".to_owned(), "open2".to_owned()]);
        let names = || {
            let mut names: Vec<String> = fs::read_dir(dir.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        workspaces(dir.path(), &working, SystemTime::now()).unwrap();
        assert_eq!(names().len(), 4, "they are new");
        workspaces(dir.path(), &working, SystemTime::now() + 2 * WORKSPACES).unwrap();
        assert_eq!(names(), ["open", "open2.half"]);
        workspaces(&dir.path().join("none"), &working, SystemTime::now()).unwrap();
    }
}
