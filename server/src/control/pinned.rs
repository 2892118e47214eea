//! The commit that a person asks to be deployed. Where an environment asks for approvals or for
//! branches it is looked up before: what is approved is one commit, and not whatever the branch's head
//! may be by then.

use super::{Ctx, Error};
use crate::{
    db,
    deploy::{fetch::open_access, protected::pins},
    domain::{app::Source, id::AppId, name::Sha, right::Right},
    git::{Access, Commit, GitError},
};

/// What is known of the commit.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    /// The commit; none if it is the head, whatever that is then.
    pub(super) commit: Option<Sha>,
    /// A person named it, and it is not known to be the head.
    pub(super) named: bool,
    /// First line of its message, if known.
    pub(super) title: Option<String>,
    /// Its author, if known.
    pub(super) author: Option<String>,
}

/// Asks the git host for the head, if the app's environment needs to know.
///
/// # Errors
/// [`Error::NotFound`]; the host refuses, or does not answer.
pub(super) async fn pinned(cx: &Ctx, app: AppId, commit: Option<Sha>) -> Result<Pinned, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, app, Right::Deploy).await?;
    let rules = db::protection::of_app(&mut tx, app.id).await?;
    drop(tx);
    let as_asked = |commit: Option<Sha>| Pinned { named: commit.is_some(), commit, ..Pinned::default() };
    let (Some(rules), Source::Git { url, follow, credential, .. }) = (rules, &app.source) else {
        return Ok(as_asked(commit));
    };
    // A named commit need only be the head where branches count.
    if !pins(&rules, &app) || (commit.is_some() && rules.branches.is_empty()) {
        return Ok(as_asked(commit));
    }
    let access = match credential {
        Some(id) => open_access(&cx.parts, &app, url, *id)
            .await
            .map_err(|stop| Error::conflict("credential_missing", stop.to_string()))?,
        None => Access::None,
    };
    let head = cx.parts.git.head(url, follow, &access).await.map_err(|error| match error {
        GitError::Refused { code, message } => Error::conflict(code, message),
        error => Error::Unavailable(error.to_string()),
    })?;
    let Commit { sha, title, author } = head;
    if commit.as_ref().is_some_and(|commit| *commit != sha) {
        return Ok(as_asked(commit));
    }
    Ok(Pinned { commit: Some(sha), named: false, title, author })
}
