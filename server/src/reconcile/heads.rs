//! The head poller: finds pushes whose webhook never came, as some forges do not repeat them.

use std::collections::BTreeSet;

use super::Trouble;
use crate::{
    bus::Hint,
    db,
    deploy::{
        fetch::open_access,
        parts::Parts,
        queue::{NotQueued, Order, queue},
    },
    domain::{
        app::{App, Follow, Source, Wanted},
        deployment::{Cause, State},
    },
    git::Access,
};

/// Asks the host of every app that follows a branch or tags for its head.
///
/// # Errors
/// See [`Trouble`]; one host that does not answer stops no other.
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let mut tx = parts.db.read().await?;
    let apps = db::app::all(&mut tx).await?;
    drop(tx);
    for app in apps {
        if app.auto_deploy
            && app.wanted == Wanted::Running
            && let Err(error) = one(&parts, &app).await
        {
            tracing::debug!(app.id = %app.id, %error, "The head of app {} could not be asked for", app.id);
        }
    }
    Ok(())
}

async fn one(parts: &Parts, app: &App) -> Result<(), Trouble> {
    let Source::Git { url, follow, credential, .. } = &app.source else { return Ok(()) };
    if matches!(follow, Follow::Commit { .. }) {
        return Ok(());
    }
    let mut tx = parts.db.read().await?;
    let newest = db::deployment::of_app(&mut tx, app.id, i64::MAX, 10).await?;
    drop(tx);
    // An app that was never deployed waits for its owner's first word.
    let Some(newest) = newest
        .into_iter()
        .find(|d| !matches!(d.state, State::Superseded | State::Cancelled | State::Rejected))
    else {
        return Ok(());
    };
    // One that awaits approval gives way to a newer commit.
    if !newest.state.ended() && newest.state != State::AwaitingApproval {
        return Ok(());
    }
    let access = match credential {
        Some(id) => open_access(parts, app, url, *id).await.map_err(|e| Trouble::Other(e.to_string()))?,
        None => Access::None,
    };
    let head = parts.git.head(url, follow, &access).await.map_err(|e| Trouble::Other(e.to_string()))?;
    if newest.whole() && newest.commit.as_ref() == Some(&head.sha) {
        return Ok(());
    }
    let mut tx = parts.db.write().await?;
    // What was pushed and deployed before is no news: a person may have gone back to it.
    if db::deployment::last_of_commit(&mut tx, app.id, &head.sha).await?.is_some() {
        return Ok(());
    }
    let order = Order {
        cause: Cause::Poll,
        services: BTreeSet::new(),
        reason: None,
        commit: Some(head.sha),
        named: false,
        title: None,
        author: None,
    };
    match queue(&mut tx, parts, app, order).await {
        Ok(_) => {}
        // The environment does not take it: there is nothing to do until its rules change.
        Err(NotQueued::Refused(_)) => return Ok(()),
        Err(NotQueued::Db(error)) => return Err(error.into()),
    }
    tx.commit().await?;
    parts.bus.publish(Hint::Jobs).await;
    parts.bus.publish(Hint::App { app: app.id }).await;
    Ok(())
}
