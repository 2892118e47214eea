//! The one way in which a deployment comes to be: in one transaction with its job, and never more
//! than one that waits for each app.

use std::collections::BTreeSet;

use super::{part::together, parts::Parts};
use crate::{
    db::{self, DbError, Tx},
    domain::{
        app::App,
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
    /// First line of its message, if known.
    pub title: Option<String>,
    /// Its author, if known.
    pub author: Option<String>,
}

/// A deployment has one job, of the same id.
pub(crate) const fn job_of(deployment: DeploymentId) -> JobId {
    JobId::from_uuid(deployment.uuid())
}

/// Queues a deployment; an older one that still waits is superseded, and what it was of goes along.
/// The caller commits, and then tells the bus.
///
/// # Errors
/// The database's.
pub async fn queue(tx: &mut Tx, parts: &Parts, app: &App, order: Order) -> Result<Deployment, DbError> {
    let clock = &*parts.clock;
    let now = clock.now();
    let mut services = order.services;
    db::app::lock(tx, app.id).await?;
    if let Some(waiting) = db::deployment::waiting(tx, app.id).await? {
        services = together(&waiting, services);
        if let Ok(superseded) = waiting.supersede(now) {
            db::deployment::give_way(tx, &superseded).await?;
            // Nobody needs to take it up only to see that; many pushes leave one job.
            db::job::withdraw(tx, job_of(superseded.id)).await?;
        }
    }
    let deployment = Deployment {
        id: DeploymentId::new(clock),
        app: app.id,
        number: db::deployment::next_number(tx, app.id).await?,
        generation: app.generation,
        state: State::Queued,
        cause: order.cause,
        services,
        reason: order.reason,
        commit: order.commit,
        title: order.title,
        author: order.author,
        failure: None,
        cancel: false,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    db::deployment::insert(tx, &deployment).await?;
    let work = Work::Deploy { deployment: deployment.id };
    db::job::enqueue(tx, job_of(deployment.id), &work, &format!("app:{}", app.id)).await?;
    Ok(deployment)
}
