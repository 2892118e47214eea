//! What a protected environment asks of a deployment: when it is asked for, and again when it begins,
//! as the app may have been changed in between. To add a rule: a field of
//! [`Protection`](crate::domain::protection::Protection), and its line in [`asks`].

use super::{
    parts::Parts,
    queue::Order,
    run::{Run, Stop},
    status,
};
use crate::{
    bus::Hint,
    db::{self, DbError},
    domain::{
        app::{App, Follow, Source},
        deployment::{Cause, Failure, State},
        fault::Wrong,
        protection::{Protection, patience},
        step::Step,
    },
    git::glob,
};

/// A field of what was asked for, and the rule that it breaks.
pub type Broken = (&'static str, Wrong);

/// How many approvals a deployment needs before it starts.
///
/// # Errors
/// The first rule that it breaks: `pushes_off`, `required`, `branch_not_allowed`, `commit_not_head`,
/// `not_pinned`.
pub fn asks(rules: &Protection, app: &App, order: &Order) -> Result<i64, Broken> {
    let pushed = matches!(order.cause, Cause::Webhook { .. } | Cause::Poll);
    let back = matches!(order.cause, Cause::Rollback { .. });
    let free = back && rules.rollback_without_approval;
    if pushed && !rules.pushes {
        let rule = "pushes do not deploy to this environment: somebody must ask for the deployment";
        return Err(("cause", Wrong::coded("pushes_off", rule)));
    }
    let why = rules.reason_required || (free && rules.approvals > 0);
    if why && !pushed && order.reason.is_none() {
        let rule = "must say why: this environment keeps a reason with each deployment";
        return Err(("reason", Wrong::coded("required", rule)));
    }
    // What served before was of an allowed branch then, and is exactly that.
    if !back {
        branch(rules, app)?;
        if order.named && !rules.branches.is_empty() {
            let rule = format!("must be left out, or be the newest commit of {}", rules.branches.join(", "));
            return Err(("commit", Wrong::coded("commit_not_head", rule)));
        }
    }
    if free || rules.approvals == 0 {
        return Ok(0);
    }
    if matches!(app.source, Source::Git { .. }) && !back && order.commit.is_none() {
        let rule = "must be known before it can be approved: ask for the deployment again";
        return Err(("commit", Wrong::coded("not_pinned", rule)));
    }
    Ok(rules.approvals)
}

/// Whether the head must be known before the deployment is asked for.
#[must_use]
pub fn pins(rules: &Protection, app: &App) -> bool {
    matches!(app.source, Source::Git { .. }) && (rules.approvals > 0 || !rules.branches.is_empty())
}

/// Whether the app follows what may be deployed here. A source without branches has none to check.
fn branch(rules: &Protection, app: &App) -> Result<(), Broken> {
    let Source::Git { follow, .. } = &app.source else { return Ok(()) };
    let allowed = |glob: &String| match follow {
        Follow::Branch { branch } => glob::matches_tag(glob, branch.as_str()),
        Follow::Tags { pattern } => covers(glob, pattern),
        Follow::Commit { .. } => false,
    };
    if rules.branches.is_empty() || rules.branches.iter().any(allowed) {
        return Ok(());
    }
    let rule = format!("must be a branch or tags that may be deployed here: {}", rules.branches.join(", "));
    Err(("source.follow", Wrong::coded("branch_not_allowed", rule)))
}

/// Whether each tag that `pattern` takes, `glob` takes too: the same, or all with its beginning.
fn covers(glob: &str, pattern: &str) -> bool {
    let plain = |text: &str| !text.contains(['*', '?', '[', '{', '\\']);
    glob == pattern || glob.strip_suffix('*').is_some_and(|start| plain(start) && pattern.starts_with(start))
}

/// Looks again, before anything is fetched and before the swarm is touched: what was approved is what
/// is deployed, and no other branch meanwhile.
///
/// # Errors
/// [`Stop::Failed`] with `changed_since_approval` or `branch_not_allowed`; the database.
pub async fn unchanged(run: &Run, step: Step) -> Result<(), Stop> {
    let touched = run.deployment.state.touches();
    if touched || matches!(run.deployment.cause, Cause::Rollback { .. }) {
        return Ok(());
    }
    let mut tx = run.parts.db.read().await?;
    let now = db::app::load(&mut tx, run.app.id).await?;
    let rules = db::protection::of_app(&mut tx, run.app.id).await?;
    drop(tx);
    let configured = now.as_ref().map_or(i64::MAX, |app| app.configured);
    if run.deployment.approvals > 0 && configured > run.deployment.generation {
        let why = "the app's settings or variables were changed after the deployment was asked for: deploy again, and have that approved";
        return Err(Stop::failed(step, "changed_since_approval", why));
    }
    match rules.map(|rules| branch(&rules, &run.app)) {
        Some(Err((_, wrong))) => {
            Err(Stop::failed(step, wrong.code, format!("what the app follows {}", wrong.message)))
        }
        _ => Ok(()),
    }
}

/// Ends deployments that nobody approved in time.
///
/// # Errors
/// The database's.
pub async fn expire(parts: &Parts) -> Result<(), DbError> {
    let now = parts.clock.now();
    let mut tx = parts.db.write().await?;
    let mut ended = Vec::new();
    for deployment in db::deployment::awaited_since(&mut tx, now - patience()).await? {
        let failure = Failure {
            step: Step::Fetch,
            code: "expired".to_owned(),
            message: format!("it was not approved within {} days: deploy again", patience().num_days()),
            log_tail: Vec::new(),
        };
        let Ok(next) = deployment.expired(failure, now) else { continue };
        // It may be approved at this moment.
        if !db::deployment::save(&mut tx, State::AwaitingApproval, &next).await? {
            continue;
        }
        if let Some(app) = db::app::load(&mut tx, next.app).await? {
            status::note(&mut tx, parts, &app, State::AwaitingApproval, &next).await?;
        }
        ended.push(next);
    }
    tx.commit().await?;
    for deployment in ended {
        parts.bus.publish(Hint::Deployment { deployment: deployment.id }).await;
        parts.bus.publish(Hint::App { app: deployment.app }).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn tags_are_allowed_only_if_all_that_the_app_takes_are() {
        assert!(covers("v*", "v*") && covers("v*", "v1.*") && covers("*", "anything?"));
        assert!(covers("v?", "v?"));
        assert!(!covers("v1.*", "v*") && !covers("v?", "v*") && !covers("[v]*", "v1") && !covers("v1", "v*"));
    }
}
