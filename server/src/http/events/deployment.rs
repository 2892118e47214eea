//! `GET /events/deployments/{id}?after=SEQ`: what happens to a deployment.
//!
//! The first events tell where everything stands, then come log lines and changes. An event's id
//! is the number of the last log line told, so that a reconnect goes on after it.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use axum::{
    extract::State as Extract,
    http::HeaderMap,
    response::{Response, sse::Event},
};
use futures::{StreamExt as _, stream::BoxStream};
use serde::Deserialize;
use skep_web::api::{DeploymentEvent, DeploymentState, LogLine, StepName, StepState, Time};

use super::{answer, event, last_event};
use crate::{
    bus::Hint,
    control::{Ctx, Error, deployments, progress},
    domain::{self, deployment::State as Stands, id::DeploymentId, step::Step},
    http::{Problem, State, auth::SignedInCaller, id::Id, query::Query},
};

/// Lines read at once.
const LINES: i64 = 500;
/// Hints may be lost: look by ourselves, too.
const POLL: Duration = Duration::from_secs(1);

/// From where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    /// The number of the last log line that is there already.
    after: Option<i64>,
}

/// The stream.
pub async fn deployment(
    Extract(state): Extract<State>,
    known: SignedInCaller,
    Id(id): Id<DeploymentId>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = last_event(&headers).or(from.after).unwrap_or(0).max(0);
    deployments::get(&known.cx, id).await?;
    let follow = Follow {
        hints: known.cx.parts.bus.subscribe(),
        cx: known.cx.clone(),
        id,
        after,
        told: None,
        steps: HashMap::new(),
        waiting: VecDeque::new(),
        ended: false,
    };
    let events = futures::stream::unfold(follow, |mut follow| async move {
        let event = follow.next().await?;
        Some((event, follow))
    });
    answer(&state, known, events)
}

/// What one reader was told so far.
struct Follow {
    cx: Ctx,
    hints: BoxStream<'static, Hint>,
    id: DeploymentId,
    after: i64,
    told: Option<Stands>,
    steps: HashMap<Step, progress::StepState>,
    waiting: VecDeque<Event>,
    ended: bool,
}

impl Follow {
    /// The next event; none after the last one. Reads only when the reader wants more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            match self.look().await {
                Ok(()) => {}
                Err(Error::NotFound(_)) => return None,
                Err(error) => tracing::debug!(%error, "a live stream waits for the database"),
            }
            if self.waiting.is_empty() && !self.ended {
                self.wait().await;
            }
        }
    }

    /// Reads what changed. The state is read before the log: so the last event comes after all lines.
    async fn look(&mut self) -> Result<(), Error> {
        let (deployment, steps) = progress::progress(&self.cx, self.id).await?;
        loop {
            let lines = match deployments::log(&self.cx, self.id, self.after, LINES).await {
                // Who may not read logs is told the states all the same.
                Err(Error::Forbidden(_)) => Vec::new(),
                lines => lines?,
            };
            let count = lines.len();
            for line in lines {
                self.after = line.seq;
                self.tell(&DeploymentEvent::Log(LogLine {
                    seq: line.seq,
                    at: time(line.at),
                    step: Some(step_name(line.step)),
                    text: line.line,
                }));
            }
            if i64::try_from(count).unwrap_or(0) < LINES || !deployment.state.ended() {
                break;
            }
        }
        for step in steps {
            if self.steps.insert(step.step, step.state) != Some(step.state) {
                self.tell(&DeploymentEvent::Step {
                    step: step_name(step.step),
                    state: step_state(step.state),
                    started_at: step.started_at.map(time),
                    finished_at: step.finished_at.map(time),
                });
            }
        }
        if self.told != Some(deployment.state) {
            self.told = Some(deployment.state);
            self.ended = deployment.state.ended();
            self.tell(&DeploymentEvent::State { state: state_name(deployment.state), ended: self.ended });
        }
        Ok(())
    }

    fn tell(&mut self, what: &DeploymentEvent) {
        self.waiting.extend(event(Some(self.after), what));
    }

    async fn wait(&mut self) {
        let id = self.id;
        let ours = async {
            while let Some(hint) = self.hints.next().await {
                if hint == (Hint::Deployment { deployment: id }) {
                    return;
                }
            }
            std::future::pending::<()>().await;
        };
        let _ = tokio::time::timeout(POLL, ours).await;
    }
}

/// Milliseconds, as browsers count.
pub(super) fn time(at: domain::clock::Time) -> Time {
    Time(at.timestamp_millis())
}

const fn step_name(step: Step) -> StepName {
    match step {
        Step::Fetch => StepName::Fetch,
        Step::Build => StepName::Build,
        Step::Push => StepName::Push,
        Step::Plan => StepName::Plan,
        Step::Apply => StepName::Apply,
        Step::Verify => StepName::Verify,
        Step::Shift => StepName::Shift,
        Step::Replace => StepName::Replace,
        Step::Publish => StepName::Publish,
    }
}

const fn step_state(state: progress::StepState) -> StepState {
    match state {
        progress::StepState::Waiting => StepState::Waiting,
        progress::StepState::Running => StepState::Running,
        progress::StepState::Done => StepState::Done,
        progress::StepState::Failed => StepState::Failed,
        progress::StepState::Skipped => StepState::Skipped,
    }
}

const fn state_name(state: Stands) -> DeploymentState {
    match state {
        Stands::AwaitingApproval => DeploymentState::AwaitingApproval,
        Stands::Queued => DeploymentState::Queued,
        Stands::Fetching => DeploymentState::Fetching,
        Stands::Building => DeploymentState::Building,
        Stands::Pushing => DeploymentState::Pushing,
        Stands::Planning => DeploymentState::Planning,
        Stands::Applying => DeploymentState::Applying,
        Stands::Verifying => DeploymentState::Verifying,
        Stands::Shifting => DeploymentState::Shifting,
        Stands::Live => DeploymentState::Live,
        Stands::Failed => DeploymentState::Failed,
        Stands::Superseded => DeploymentState::Superseded,
        Stands::Cancelled => DeploymentState::Cancelled,
        Stands::Rejected => DeploymentState::Rejected,
        Stands::RolledBack => DeploymentState::RolledBack,
        Stands::RollbackIncomplete => DeploymentState::RollbackIncomplete,
        Stands::Retired => DeploymentState::Retired,
    }
}
