//! Fetch: find out which commit it shall be, and lay its files into the workspace.
//!
//! The head is asked of the git host, never believed from a webhook: an older event that comes
//! late finds the newest commit and changes nothing.

use std::{path::Path, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    archive,
    parts::Parts,
    registry::missing,
    run::{Run, Stop},
};
use crate::{
    db,
    domain::{
        app::{App, Follow, Source},
        credential::Kind,
        deployment::Cause,
        git_url::GitUrl,
        id::CredentialId,
        name::Sha,
        step::Step,
    },
    git::{Access, GitError, Limits},
};

/// Bounds of a checkout.
const LIMITS: Limits =
    Limits { bytes: 2 << 30, file_bytes: 512 << 20, files: 200_000, time: Duration::from_secs(600) };

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The exact commit, if the source is git.
    pub commit: Option<Sha>,
    /// The digest of the archive, if the source is an upload.
    #[serde(default)]
    pub upload: Option<String>,
}

/// Runs the step.
///
/// # Errors
/// See [`Stop`].
pub async fn run(run: &mut Run) -> Result<Fetched, Stop> {
    if let Cause::Rollback { .. } = run.deployment.cause {
        run.log.say("Nothing to fetch: an earlier release is applied again.");
        return Ok(Fetched { commit: run.deployment.commit.clone(), upload: None });
    }
    let (url, follow, credential) = match run.app.source.clone() {
        Source::Git { url, follow, credential, .. } => (url, follow, credential),
        Source::Upload { digest } => {
            let digest = digest.ok_or_else(|| {
                Stop::failed(Step::Fetch, "upload_missing", "nothing was uploaded yet: send an archive first")
            })?;
            unpack(run, &digest).await?;
            return Ok(Fetched { commit: None, upload: Some(digest) });
        }
        Source::Image { .. } | Source::Compose { .. } => return Ok(Fetched { commit: None, upload: None }),
    };
    let access = access(run, &url, credential).await?;
    let wanted = which(run, &url, &follow, &access).await?;
    checkout(run, &url, &access, &wanted).await?;
    Ok(Fetched { commit: run.deployment.commit.clone(), upload: None })
}

/// Makes sure that the workspace holds the files: after a restart it may be another machine's.
///
/// # Errors
/// See [`Stop`].
pub async fn ensure(run: &mut Run) -> Result<(), Stop> {
    if tokio::fs::try_exists(run.workspace()).await.unwrap_or(false) {
        return Ok(());
    }
    match (run.app.source.clone(), run.deployment.commit.clone()) {
        (Source::Git { url, credential, .. }, Some(sha)) => {
            let access = access(run, &url, credential).await?;
            checkout(run, &url, &access, &sha).await
        }
        (Source::Upload { .. }, _) => {
            // The archive of this deployment, whatever was uploaded since.
            let mut tx = run.parts.db.read().await?;
            let steps = db::step::list(&mut tx, run.deployment.id).await?;
            drop(tx);
            let output = steps.into_iter().find(|record| record.step == Step::Fetch).and_then(|r| r.output);
            let fetched = output.and_then(|output| serde_json::from_value::<Fetched>(output.0).ok());
            match fetched.and_then(|fetched| fetched.upload) {
                Some(digest) => unpack(run, &digest).await,
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Lays the files of an uploaded archive into the workspace.
async fn unpack(run: &Run, digest: &str) -> Result<(), Stop> {
    let instance = &run.parts.instance;
    let kept = archive::place(&instance.data, digest).filter(|place| place.is_file());
    let Some(kept) = kept else {
        // Another replica may have it: that one takes the job in one of its next tries.
        return Err(match run.parts.db.profile() {
            "cluster" => Stop::Retry("the uploaded archive is not on this server".to_owned()),
            _ => Stop::failed(Step::Fetch, "upload_missing", "the uploaded archive is gone: send it again"),
        });
    };
    let workspace = run.workspace();
    let half = workspace.with_extension("half");
    fresh(&half).await?;
    run.log.say(&format!("Unpacking upload {}", digest.get(..12).unwrap_or(digest)));
    let (into, cancel) = (half.clone(), run.cancel.clone());
    let laid =
        tokio::task::spawn_blocking(move || archive::lay(&kept, &into, archive::LIMITS, &cancel)).await;
    let laid = laid.map_err(|e| Stop::Retry(format!("the archive could not be unpacked: {e}")))?;
    if let Err(error) = laid {
        let _ = tokio::fs::remove_dir_all(&half).await;
        return Err(match error {
            _ if run.cancel.is_cancelled() => Stop::Cancelled,
            archive::ArchiveError::Wrong(wrong) => {
                Stop::failed(Step::Fetch, wrong.code, format!("the uploaded archive {wrong}"))
            }
            archive::ArchiveError::Io(error) => {
                Stop::Retry(format!("the archive could not be unpacked: {error}"))
            }
        });
    }
    let _ = tokio::fs::remove_dir_all(&workspace).await;
    tokio::fs::rename(&half, &workspace)
        .await
        .map_err(|e| Stop::Retry(format!("the workspace cannot be made: {e}")))
}

async fn which(run: &Run, url: &GitUrl, follow: &Follow, access: &Access) -> Result<Sha, Stop> {
    let asked = run.deployment.commit.clone();
    let by_event = matches!(run.deployment.cause, Cause::Webhook { .. } | Cause::Poll);
    match (follow, asked) {
        // A person named a commit, or a tag's event did, or it was approved: exactly that one.
        (_, Some(sha)) if !by_event || run.deployment.approvals > 0 => return Ok(sha),
        (Follow::Tags { .. } | Follow::Commit { .. }, Some(sha)) => return Ok(sha),
        (Follow::Commit { sha }, None) => return Ok(sha.clone()),
        _ => {}
    }
    run.log.say(&format!("Asking {} for its head", url.as_str()));
    let head = run.parts.git.head(url, follow, access).await.map_err(|e| stop(&e))?;
    if by_event && run.deployment.commit.as_ref().is_some_and(|asked| *asked != head.sha) {
        let mut tx = run.parts.db.read().await?;
        let live = db::deployment::living(&mut tx, run.app.id).await?;
        if live.is_some_and(|live| {
            live.whole()
                && live.commit.as_ref() == Some(&head.sha)
                && live.generation == run.deployment.generation
        }) {
            return Err(Stop::Superseded);
        }
        run.log.say(&format!("The branch has moved on to {}: deploying that", head.sha.short()));
    }
    Ok(head.sha)
}

async fn checkout(run: &mut Run, url: &GitUrl, access: &Access, sha: &Sha) -> Result<(), Stop> {
    let workspace = run.workspace();
    let half = workspace.with_extension("half");
    fresh(&half).await?;
    run.log.say(&format!("Fetching commit {} of {}", sha.short(), url.as_str()));
    let got = run.parts.git.checkout(url, sha, access, &half, LIMITS, &run.cancel).await;
    let commit = match got {
        Ok(commit) => commit,
        Err(error) => {
            let _ = tokio::fs::remove_dir_all(&half).await;
            return Err(stop(&error));
        }
    };
    let _ = tokio::fs::remove_dir_all(&workspace).await;
    tokio::fs::rename(&half, &workspace)
        .await
        .map_err(|e| Stop::Retry(format!("the workspace cannot be made: {e}")))?;
    let mut next = run.deployment.clone();
    next.commit = Some(commit.sha);
    next.title = commit.title.or(next.title);
    next.author = commit.author.or(next.author);
    if let Some(title) = &next.title {
        run.log.say(&format!("{}: {title}", next.commit.as_ref().map_or("", Sha::short)));
    }
    run.save(next).await
}

async fn fresh(folder: &Path) -> Result<(), Stop> {
    let _ = tokio::fs::remove_dir_all(folder).await;
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(|e| Stop::Retry(format!("the workspace cannot be made: {e}")))
}

/// The credential that the app names, opened.
async fn access(run: &Run, url: &GitUrl, credential: Option<CredentialId>) -> Result<Access, Stop> {
    let Some(id) = credential else { return Ok(Access::None) };
    open_access(&run.parts, &run.app, url, id).await
}

/// The git credential that an app names, opened.
///
/// # Errors
/// It is gone, belongs to another environment or project, or is none for git.
pub async fn open_access(parts: &Parts, app: &App, url: &GitUrl, id: CredentialId) -> Result<Access, Stop> {
    let mut tx = parts.db.read().await?;
    let around = db::credential::around(&mut tx, app.team, app.environment).await?;
    let Some(found) = around.into_iter().find(|found| found.id == id && found.kind != Kind::Registry) else {
        return Err(missing(&mut tx, app, id, Step::Fetch).await?);
    };
    if !is_for(&found.host, url) {
        let message = format!(
            "the app's git credential is for {}, and is sent to no other host: choose one for {}",
            found.host,
            url.host()
        );
        return Err(Stop::failed(Step::Fetch, "credential_host", message));
    }
    let hosts = db::host_key::around(&mut tx, app.team, app.environment, url.host()).await?;
    let secret = parts
        .seal
        .open_text("credential", &found.sealed)
        .map_err(|e| Stop::failed(Step::Fetch, "sealed", e.to_string()))?;
    match found.kind {
        Kind::GitToken => {
            Ok(Access::Token { username: found.username.unwrap_or_else(|| "git".to_owned()), token: secret })
        }
        Kind::GitKey | Kind::Registry => Ok(Access::Key { private: secret, hosts }),
    }
}

/// Whether a credential for `host` (with a port, or any) may be sent to where `url` is.
fn is_for(host: &str, url: &GitUrl) -> bool {
    host.eq_ignore_ascii_case(url.host())
        || host.eq_ignore_ascii_case(&format!("{}:{}", url.host(), url.port()))
}

fn stop(error: &GitError) -> Stop {
    match error {
        GitError::Refused { code, message } => Stop::failed(Step::Fetch, code, message.clone()),
        GitError::Unreachable(_) => Stop::Retry(error.to_string()),
        GitError::Cancelled => Stop::Cancelled,
    }
}
