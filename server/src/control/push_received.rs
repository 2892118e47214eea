//! What a verified event means for an app: a deployment is queued, or why not.
//!
//! Which repository and branch count is the app's own record; what the sender says is compared
//! with it and never fetched from.

use std::collections::BTreeSet;

use skep_stack::text::image_parts;

use crate::{
    db::{self, DbError, Tx},
    deploy::{
        parts::Parts,
        queue::{NotQueued, Order, queue},
    },
    domain::{
        app::{App, Follow, Source, Wanted},
        delivery::Provider,
        deployment::{Cause, Deployment, State},
        git_url::same_repository,
        id::{UserId, WebhookId},
        push::{Event, ImagePush, Push, Target},
    },
    git::{glob, skip},
};

/// Deployments that one webhook may cause at once, and one more each [`EVERY`] (case 32): far more
/// than people push, far less than a sender in a loop.
const BURST: i32 = 60;
const EVERY: chrono::Duration = chrono::Duration::seconds(1);

/// Where an event came in.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The webhook whose quota it uses.
    pub webhook: WebhookId,
    /// Who sends there.
    pub provider: Provider,
    /// Who gave it in again, if a person did.
    pub again: Option<UserId>,
}

/// What became of an event.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The sender only wanted to know that we are there.
    Pong,
    /// A deployment waits now.
    Queued(Box<Deployment>),
    /// Nothing to do, and why: a stable word.
    Ignored(&'static str),
    /// The commit is the newest deployment's already.
    AlreadyDeployed,
    /// The webhook's quota is spent; seconds until there is more. The transaction is not to be
    /// committed.
    TooMany(u64),
}

/// Decides in the transaction of the delivery.
///
/// # Errors
/// The database's.
pub async fn decide(
    tx: &mut Tx,
    parts: &Parts,
    app: &App,
    origin: Origin,
    event: Event,
) -> Result<Verdict, DbError> {
    match event {
        Event::Ping => Ok(Verdict::Pong),
        Event::Ignored(why) => Ok(Verdict::Ignored(why)),
        Event::Push(push) => match wanted(app, &push) {
            Err(why) => Ok(Verdict::Ignored(why)),
            Ok(()) => pushed(tx, parts, app, origin, push).await,
        },
        Event::Image(image) => match image_wanted(app, &image) {
            Err(why) => Ok(Verdict::Ignored(why)),
            Ok(()) => order(tx, parts, app, origin, None, None).await,
        },
    }
}

async fn pushed(
    tx: &mut Tx,
    parts: &Parts,
    app: &App,
    origin: Origin,
    push: Push,
) -> Result<Verdict, DbError> {
    let newest = db::deployment::of_app(tx, app.id, i64::MAX, 10).await?;
    let newest = newest
        .into_iter()
        .find(|d| !matches!(d.state, State::Superseded | State::Cancelled | State::Rejected) && d.whole());
    if newest.is_some_and(|d| d.commit == push.after && d.generation >= app.configured) {
        return Ok(Verdict::AlreadyDeployed);
    }
    order(tx, parts, app, origin, push.after.clone(), Some(push)).await
}

async fn order(
    tx: &mut Tx,
    parts: &Parts,
    app: &App,
    origin: Origin,
    commit: Option<crate::domain::name::Sha>,
    push: Option<Push>,
) -> Result<Verdict, DbError> {
    if let Err(wait) = db::webhook::spend(tx, origin.webhook, BURST, EVERY).await? {
        return Ok(Verdict::TooMany(
            u64::try_from(wait.num_milliseconds()).unwrap_or(0).div_ceil(1000).max(1),
        ));
    }
    let head = push.as_ref().and_then(|push| push.head.clone());
    let order = Order {
        cause: Cause::Webhook { provider: origin.provider.name().to_owned(), again: origin.again },
        services: BTreeSet::new(),
        reason: push.as_ref().filter(|push| push.forced).map(|_| "force push".to_owned()),
        commit,
        named: false,
        title: head
            .as_ref()
            .and_then(|head| head.message.lines().next().map(|line| line.chars().take(200).collect())),
        author: head.and_then(|head| head.author).map(|author| author.chars().take(100).collect()),
    };
    match queue(tx, parts, app, order).await {
        Ok(deployment) => Ok(Verdict::Queued(Box::new(deployment))),
        Err(NotQueued::Refused(broken)) => Ok(Verdict::Ignored(broken.1.code)),
        Err(NotQueued::Db(error)) => Err(error),
    }
}

/// Why a push changes nothing, if it does not.
fn wanted(app: &App, push: &Push) -> Result<(), &'static str> {
    let Source::Git { url, follow, watch, .. } = &app.source else { return Err("source") };
    // A signed hook of an app may leave the repository out; then the app's own is meant.
    if !push.repository.is_empty() && !push.repository.iter().any(|told| same_repository(url, told)) {
        return Err("repository_mismatch");
    }
    match (follow, &push.target) {
        (Follow::Commit { .. }, _) => return Err("pinned"),
        (Follow::Branch { branch }, Target::Branch(pushed)) if pushed != branch => return Err("branch"),
        (Follow::Branch { .. }, Target::Tag(_)) => return Err("tag"),
        (Follow::Tags { .. }, Target::Branch(_)) => return Err("branch"),
        (Follow::Tags { pattern }, Target::Tag(tag)) if !glob::matches_tag(pattern, tag.as_str()) => {
            return Err("tag");
        }
        _ => {}
    }
    if push.after.is_none() {
        return Err("branch_deleted");
    }
    may_deploy(app)?;
    if push.head.as_ref().is_some_and(|head| skip::skips(&head.message)) {
        return Err("skip_marker");
    }
    // An incomplete list of paths never skips anything.
    if let Some(paths) = &push.paths
        && !paths.is_empty()
        && !glob::touches(watch, paths)
    {
        return Err("watch_paths");
    }
    Ok(())
}

fn image_wanted(app: &App, pushed: &ImagePush) -> Result<(), &'static str> {
    let Source::Image { image, .. } = &app.source else { return Err("source") };
    let (name, tag, _) = image_parts(image.as_str());
    let same = |a: &str, b: &str| {
        a.trim_start_matches("docker.io/").trim_start_matches("library/")
            == b.trim_start_matches("docker.io/").trim_start_matches("library/")
    };
    if !same(name, &pushed.repository)
        || pushed.tag.as_deref().is_some_and(|pushed| pushed != tag.unwrap_or("latest"))
    {
        return Err("image");
    }
    may_deploy(app)
}

fn may_deploy(app: &App) -> Result<(), &'static str> {
    match app.wanted {
        Wanted::Removed => Err("removed"),
        Wanted::Stopped => Err("stopped"),
        Wanted::Running if !app.auto_deploy => Err("auto_deploy_off"),
        Wanted::Running => Ok(()),
    }
}
