//! The one way in which a deployment comes to be: in one transaction with its job, and never more
//! than one that waits for each app. What a protected environment asks is asked here, so that no cause
//! goes around it: a deployment that needs approvals has no job before it has them.

use std::collections::BTreeSet;

use super::{
    part::together,
    parts::Parts,
    protected::{self, Broken},
};
use crate::{
    db::{self, DbError, Tx},
    domain::{
        app::App,
        clock::Time,
        deployment::{Cause, Deployment, State},
        id::{DeploymentId, JobId},
        job::Work,
        name::Sha,
    },
};

/// What is known of a deployment when it is queued.
#[derive(Debug, Clone)]
pub struct Order {
    /// Why.
    pub cause: Cause,
    /// The services that it is of alone; the whole app if empty.
    pub services: BTreeSet<String>,
    /// A person's words.
    pub reason: Option<String>,
    /// The commit, if known.
    pub commit: Option<Sha>,
    /// A person named the commit, and nobody looked whether it is the head of what the app follows.
    pub named: bool,
    /// First line of its message, if known.
    pub title: Option<String>,
    /// Its author, if known.
    pub author: Option<String>,
}

/// A deployment has one job, of the same id.
pub(crate) const fn job_of(deployment: DeploymentId) -> JobId {
    JobId::from_uuid(deployment.uuid())
}

/// Why a deployment was not queued.
#[derive(Debug, thiserror::Error)]
pub enum NotQueued {
    /// The app's environment is protected, and its rules do not allow it.
    #[error("{}", .0.1.message)]
    Refused(Box<Broken>),
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Queues a deployment, or has it await its approvals. An older one that still waits is superseded, and
/// what it was of goes along; but one that was approved gives way only to one that is, too. The caller
/// commits, and then tells the bus.
///
/// # Errors
/// See [`NotQueued`].
pub async fn queue(tx: &mut Tx, parts: &Parts, app: &App, order: Order) -> Result<Deployment, NotQueued> {
    let clock = &*parts.clock;
    let now = clock.now();
    let mut services = order.services.clone();
    db::app::lock(tx, app.id).await?;
    let approvals = match db::protection::of_app(tx, app.id).await? {
        Some(rules) => protected::asks(&rules, app, &order).map_err(Box::new).map_err(NotQueued::Refused)?,
        None => 0,
    };
    for older in db::deployment::unstarted(tx, app.id).await? {
        // Taken in also where it goes on: then what is approved is all that takes its place.
        services = together(&older, services);
        if older.state == State::AwaitingApproval || approvals == 0 {
            give_way(tx, older, now).await?;
        }
    }
    let deployment = Deployment {
        id: DeploymentId::new(clock),
        app: app.id,
        number: db::deployment::next_number(tx, app.id).await?,
        generation: app.generation,
        state: if approvals == 0 { State::Queued } else { State::AwaitingApproval },
        cause: order.cause,
        services,
        reason: order.reason,
        commit: order.commit,
        title: order.title,
        author: order.author,
        failure: None,
        approvals,
        cancel: false,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    db::deployment::insert(tx, &deployment).await?;
    if approvals == 0 {
        enqueue(tx, &deployment).await?;
    }
    Ok(deployment)
}

/// Queues a deployment that has its approvals, in the transaction of the last one. What waits is older:
/// a newer one would have taken the place of this one.
///
/// # Errors
/// The database's; [`DbError::RowNotFound`] if it does not await them any more.
pub async fn release(tx: &mut Tx, parts: &Parts, approved: &Deployment) -> Result<(), DbError> {
    if let Some(waiting) = db::deployment::waiting(tx, approved.app).await? {
        give_way(tx, waiting, parts.clock.now()).await?;
    }
    if !db::deployment::save(tx, State::AwaitingApproval, approved).await? {
        return Err(DbError::RowNotFound);
    }
    enqueue(tx, approved).await
}

async fn enqueue(tx: &mut Tx, deployment: &Deployment) -> Result<(), DbError> {
    let work = Work::Deploy { deployment: deployment.id };
    db::job::enqueue(tx, job_of(deployment.id), &work, &format!("app:{}", deployment.app)).await
}

/// A newer one takes its place.
async fn give_way(tx: &mut Tx, older: Deployment, now: Time) -> Result<(), DbError> {
    let from = older.state;
    if let Ok(superseded) = older.supersede(now) {
        db::deployment::give_way(tx, from, &superseded).await?;
        // Nobody needs to take it up only to see that; many pushes leave one job.
        db::job::withdraw(tx, job_of(superseded.id)).await?;
    }
    Ok(())
}
