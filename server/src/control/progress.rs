//! How far a deployment is: each step with where it stands, from the deployment and its records.

use super::{Ctx, Error};
use crate::{
    db,
    domain::{
        clock::Time,
        deployment::{Deployment, State},
        id::DeploymentId,
        right::Right,
        step::Step,
    },
};

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// At work.
    Running,
    /// Recorded.
    Done,
    /// It failed.
    Failed,
    /// There was nothing to do, or the deployment ended before.
    Skipped,
}

/// A step of one deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Progress {
    /// Which.
    pub step: Step,
    /// Where it stands.
    pub state: StepState,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Time>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
}

/// A deployment and all its steps, in order.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn progress(cx: &Ctx, id: DeploymentId) -> Result<(Deployment, Vec<Progress>), Error> {
    let mut tx = cx.parts.db.read().await?;
    let deployment = cx.deployment(&mut tx, id, Right::View).await?;
    let records = db::step::list(&mut tx, id).await?;
    let steps = Step::ALL.into_iter().filter_map(|step| {
        let record = records.iter().find(|record| record.step == step);
        (record.is_some() || !step.of_trial()).then(|| stands(&deployment, step, record))
    });
    let steps = steps.collect();
    Ok((deployment, steps))
}

fn stands(deployment: &Deployment, step: Step, record: Option<&db::step::Record>) -> Progress {
    let failed_here = deployment.failure.as_ref().is_some_and(|failure| failure.step == step);
    let ended = deployment.state.ended();
    let state = match record {
        Some(record) if record.finished_at.is_some() => StepState::Done,
        _ if failed_here => StepState::Failed,
        // A crash lay between the step's end and its record.
        Some(_) if matches!(deployment.state, State::Live | State::Retired) => StepState::Done,
        Some(_) if ended => StepState::Skipped,
        Some(_) => StepState::Running,
        None if ended => StepState::Skipped,
        None => StepState::Waiting,
    };
    let finished_at = record.and_then(|record| record.finished_at);
    Progress {
        step,
        state,
        started_at: record.map(|record| record.started_at),
        finished_at: finished_at.or(if state == StepState::Failed { deployment.finished_at } else { None }),
    }
}
