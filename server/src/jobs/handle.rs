//! What each kind of job does.

use tokio_util::sync::CancellationToken;

use super::{certificate, commit_status, remove_app};
use crate::{
    db,
    deploy::{
        fence::Fence,
        parts::Parts,
        pipeline,
        run::Stop,
        settle::{Again, settle},
        status,
    },
    domain::{
        deployment::{Failure, State},
        id::DeploymentId,
        job::{Claim, Work},
        step::Step,
    },
};

/// How a job ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is done, whatever came out.
    Done,
    /// Somebody else has it, or the server stops.
    Lost,
    /// It could not be done now.
    Retry(String),
}

impl From<Result<(), Stop>> for Outcome {
    fn from(result: Result<(), Stop>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(Stop::Lost | Stop::Cancelled) => Self::Lost,
            Err(Stop::Retry(why)) => Self::Retry(why),
            Err(stop) => Self::Retry(stop.to_string()),
        }
    }
}

/// Does the work of a claim.
pub(super) async fn handle(parts: &Parts, claim: &Claim, cancel: &CancellationToken) -> Outcome {
    let fence = Fence::new(parts.clone(), claim.clone());
    match &claim.work {
        Work::Deploy { deployment } => deploy(parts, claim, &fence, cancel, *deployment).await,
        Work::RemoveApp { app, volumes } => remove_app::run(parts, &fence, *app, *volumes).await.into(),
        Work::Settle { app, restart } => {
            let again = if *restart { Again::All } else { Again::No };
            settle(parts, &fence, claim, *app, again).await.into()
        }
        Work::RestartService { app, service } => {
            settle(parts, &fence, claim, *app, Again::One(service)).await.into()
        }
        Work::Certificate { host } => certificate::run(parts, host).await.into(),
        Work::CommitStatus { deployment, state } => {
            commit_status::run(parts, *deployment, state).await.into()
        }
    }
}

async fn deploy(
    parts: &Parts,
    claim: &Claim,
    fence: &Fence,
    cancel: &CancellationToken,
    id: DeploymentId,
) -> Outcome {
    let mut outcome: Outcome = pipeline::run(parts, fence, cancel, id).await.into();
    if let Outcome::Retry(why) = &outcome
        && claim.attempt >= claim.max_attempts
        && let Err(error) = give_up(parts, id, why).await
    {
        outcome = Outcome::Retry(error.to_string());
    }
    outcome
}

/// The last try failed too: the deployment says so, rather than standing there for ever.
async fn give_up(parts: &Parts, id: DeploymentId, why: &str) -> Result<(), Stop> {
    let mut tx = parts.db.write().await?;
    let Some(deployment) = db::deployment::load(&mut tx, id).await? else { return Ok(()) };
    let from = deployment.state;
    let touched = matches!(from, State::Applying | State::Verifying);
    let to = if touched { State::RollbackIncomplete } else { State::Failed };
    let step = Step::ALL.into_iter().find(|step| State::of(*step) == from).unwrap_or(Step::Fetch);
    let failure = Failure {
        step,
        code: "interrupted".to_owned(),
        message: format!("it could not be brought to an end: {why}"),
        log_tail: Vec::new(),
    };
    if let Ok(failed) = deployment.fail(to, failure, parts.clock.now()) {
        db::deployment::save(&mut tx, from, &failed).await?;
        if let Some(app) = db::app::load(&mut tx, failed.app).await? {
            status::note(&mut tx, parts, &app, from, &failed).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
