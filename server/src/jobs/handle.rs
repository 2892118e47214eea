//! What each kind of job does.

use tokio_util::sync::CancellationToken;

use super::{certificate, commit_status, remove_app};
use crate::{
    deploy::{
        fence::Fence,
        parts::Parts,
        pipeline,
        run::Stop,
        settle::{Again, settle},
    },
    domain::job::{Claim, Work},
};

/// How a job ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is done, whatever came out.
    Done,
    /// Somebody else has it, or the server stops.
    Lost,
    /// It is not its turn; it counts as no try.
    Waits(String),
    /// It could not be done now.
    Retry(String),
}

impl From<Result<(), Stop>> for Outcome {
    fn from(result: Result<(), Stop>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(Stop::Lost | Stop::Cancelled) => Self::Lost,
            Err(Stop::Waits(why)) => Self::Waits(why),
            Err(Stop::Retry(why)) => Self::Retry(why),
            Err(stop) => Self::Retry(stop.to_string()),
        }
    }
}

/// Does the work of a claim.
pub(super) async fn handle(parts: &Parts, claim: &Claim, cancel: &CancellationToken) -> Outcome {
    let fence = Fence::new(parts.clone(), claim.clone());
    match &claim.work {
        Work::Deploy { deployment } => pipeline::run(parts, &fence, cancel, *deployment).await.into(),
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
