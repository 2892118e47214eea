//! Approvals: say yes or no to a deployment of somebody else, and see who did.

use super::{
    Ctx, Error, audit,
    deployments::{object, told, words},
};
use crate::{
    db::{self, Tx},
    deploy::{queue::release, status},
    domain::{
        app::{App, Wanted},
        audit::{Action, Change},
        clock::Time,
        deployment::{Cause, Deployment, State},
        id::{DeploymentId, UserId},
        name::Email,
        protection::{Decision, Protection, patience},
        right::{Place, Right},
    },
};

/// The longest comment, characters.
const COMMENT: usize = 500;

/// How a deployment stands with its approvals.
#[derive(Debug, Clone)]
pub struct Approvals {
    /// How many it needs, or needed; 0 if none.
    pub needed: i64,
    /// What people said, the first one first, each with their address if they are still of the team.
    pub given: Vec<(Decision, Option<Email>)>,
    /// Until when it waits; none if it does not.
    pub until: Option<Time>,
    /// The caller may approve it now.
    pub mine: bool,
    /// The caller may reject it now.
    pub rejects: bool,
}

/// How a deployment stands with its approvals.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn of(cx: &Ctx, id: DeploymentId) -> Result<Approvals, Error> {
    let mut tx = cx.parts.db.read().await?;
    let (app, deployment) = cx.deployment_of(&mut tx, id, Right::View).await?;
    let rules = db::protection::get(&mut tx, app.environment).await?;
    let given = db::protection::decisions(&mut tx, id).await?;
    let emails = if given.is_empty() { Vec::new() } else { db::team::emails(&mut tx, cx.team()).await? };
    let awaits = deployment.state == State::AwaitingApproval;
    let said = given.iter().any(|decision| decision.approved && decision.user == cx.actor.user);
    let may = cx.allow(Place::Environment(app.environment), Right::Approve).is_ok();
    let person = !awaits || !may || !is_service(cx, &mut tx).await?;
    let named = |decision: Decision| {
        let email = emails.iter().find(|(user, _)| *user == decision.user).map(|(_, email)| email.clone());
        (decision, email)
    };
    Ok(Approvals {
        needed: if awaits { needed(&deployment, rules.as_ref()) } else { deployment.approvals },
        given: given.into_iter().map(named).collect(),
        until: awaits.then(|| deployment.created_at + patience()),
        rejects: awaits && may,
        mine: awaits && may && person && !said && !asked(&deployment, cx.actor.user),
    })
}

/// Approves a deployment. The last approval that it needs queues it, in the same transaction.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for who asked for it, for a service account, and without the right at this very
/// moment; it does not await approval any more, or the app was changed since it was asked for.
pub async fn approve(cx: &Ctx, id: DeploymentId, comment: Option<String>) -> Result<Deployment, Error> {
    let comment = words("comment", comment, COMMENT)?;
    let mut tx = cx.parts.db.write().await?;
    let (app, deployment) = awaited(cx, &mut tx, id).await?;
    if asked(&deployment, cx.actor.user) {
        return Err(Error::Forbidden(
            "who asked for a deployment does not approve it: somebody else with the right `approve` must"
                .to_owned(),
        ));
    }
    if is_service(cx, &mut tx).await? {
        let rule = "a service account does not approve deployments: a person with the right `approve` must";
        return Err(Error::Forbidden(rule.to_owned()));
    }
    open(cx, &app, &deployment)?;
    let before = db::protection::decisions(&mut tx, id).await?;
    if before.iter().any(|decision| decision.approved && decision.user == cx.actor.user) {
        return Err(Error::conflict("approved", "you approved it already; it needs somebody else, too"));
    }
    let rules = db::protection::get(&mut tx, app.environment).await?;
    db::protection::decide(&mut tx, &decision(cx, id, true, comment)).await?;
    let others = before.iter().filter(|decision| decision.approved).count();
    let deployment = if others as i64 + 1 >= needed(&deployment, rules.as_ref()) {
        let approved = deployment.approved().map_err(Error::internal)?;
        // A person's deployment starts a stopped app; a push never does.
        if app.wanted == Wanted::Stopped
            && matches!(approved.cause, Cause::Person { .. } | Cause::Rollback { .. })
        {
            db::app::want(&mut tx, app.id, Wanted::Running, cx.now()).await?;
        }
        release(&mut tx, &cx.parts, &approved).await?;
        approved
    } else {
        deployment
    };
    audit::record(cx, &mut tx, Action::DeploymentApprove, object(&app, &deployment), Change::none()).await?;
    tx.commit().await?;
    told(cx, &deployment).await;
    Ok(deployment)
}

/// Rejects a deployment: it ends.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; it does not await approval any more.
pub async fn reject(cx: &Ctx, id: DeploymentId, comment: Option<String>) -> Result<Deployment, Error> {
    let comment = words("comment", comment, COMMENT)?;
    let mut tx = cx.parts.db.write().await?;
    let (app, deployment) = awaited(cx, &mut tx, id).await?;
    let rejected = deployment.rejected(cx.now()).map_err(Error::internal)?;
    db::protection::decide(&mut tx, &decision(cx, id, false, comment)).await?;
    db::deployment::save(&mut tx, State::AwaitingApproval, &rejected).await?;
    status::note(&mut tx, &cx.parts, &app, State::AwaitingApproval, &rejected).await?;
    audit::record(cx, &mut tx, Action::DeploymentReject, object(&app, &rejected), Change::none()).await?;
    tx.commit().await?;
    told(cx, &rejected).await;
    Ok(rejected)
}

/// The app and its deployment that awaits, held until the transaction ends, if the caller may decide.
async fn awaited(cx: &Ctx, tx: &mut Tx, id: DeploymentId) -> Result<(App, Deployment), Error> {
    let found = cx.deployment(tx, id, Right::Approve).await?;
    db::app::lock(tx, found.app).await?;
    // Somebody else may have decided before the lock was ours.
    let (app, deployment) = cx.deployment_of(tx, id, Right::Approve).await?;
    cx.still(tx, Place::Environment(app.environment), Right::Approve).await?;
    if deployment.state != State::AwaitingApproval {
        let state = deployment.state.name().replace('_', " ");
        return Err(Error::conflict(
            "not_awaiting",
            format!("the deployment does not await approval: it is {state}"),
        ));
    }
    Ok((app, deployment))
}

/// Whether what was asked for can still be deployed as it was.
fn open(cx: &Ctx, app: &App, deployment: &Deployment) -> Result<(), Error> {
    if app.wanted == Wanted::Removed {
        return Err(Error::conflict("removed", "the app is being removed"));
    }
    if deployment.created_at + patience() <= cx.now() {
        return Err(Error::conflict("expired", "it waited too long for its approval: deploy again"));
    }
    // A return brings a release as it was, whatever the settings are.
    let back = matches!(deployment.cause, Cause::Rollback { .. });
    if !back && app.configured > deployment.generation {
        let rule = "the app's settings or variables were changed since it was asked for: deploy again, and approve that";
        return Err(Error::conflict("changed_since_approval", rule));
    }
    Ok(())
}

/// What it needed when it was asked for; more if the environment asks for more by now.
fn needed(deployment: &Deployment, rules: Option<&Protection>) -> i64 {
    rules.map_or(0, |rules| rules.approvals).max(deployment.approvals)
}

/// Approving is a judgement, and of people: whoever has the token of an account could be anybody.
async fn is_service(cx: &Ctx, tx: &mut Tx) -> Result<bool, Error> {
    Ok(db::identity::user(tx, cx.actor.user).await?.is_some_and(|user| user.service.is_some()))
}

fn asked(deployment: &Deployment, user: UserId) -> bool {
    deployment.cause.person() == Some(user)
}

fn decision(cx: &Ctx, deployment: DeploymentId, approved: bool, comment: Option<String>) -> Decision {
    Decision { deployment, user: cx.actor.user, approved, comment, at: cx.now() }
}
