//! The end of a deployment that nobody could bring to one: it says so, rather than standing there for
//! ever.

use super::{parts::Parts, status};
use crate::{
    db::{self, DbError},
    domain::{
        deployment::{Failure, State},
        id::DeploymentId,
        step::Step,
    },
};

/// Ends a deployment that has not ended, in the transaction that takes its job away.
///
/// # Errors
/// The database's.
pub async fn give_up(tx: &mut db::Tx, parts: &Parts, id: DeploymentId, why: &str) -> Result<(), DbError> {
    let Some(deployment) = db::deployment::load(tx, id).await? else { return Ok(()) };
    let from = deployment.state;
    let touched = from.touches();
    let to = if touched { State::RollbackIncomplete } else { State::Failed };
    let step = Step::ALL.into_iter().find(|step| State::of(*step) == from).unwrap_or(Step::Fetch);
    let mut message = format!("it could not be brought to an end: {why}");
    if let Some(first) = &deployment.failure {
        message = format!("{}; {message}", first.message);
    }
    let failure = Failure { step, code: "interrupted".to_owned(), message, log_tail: Vec::new() };
    let Ok(failed) = deployment.fail(to, failure, parts.clock.now()) else { return Ok(()) };
    db::deployment::save(tx, from, &failed).await?;
    if let Some(app) = db::app::load(tx, failed.app).await? {
        status::note(tx, parts, &app, from, &failed).await?;
    }
    Ok(())
}
