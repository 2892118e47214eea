//! A deployment: one attempt to make one generation of an app real, and the states it passes.
//!
//! States only move forward. Every transition consumes the deployment and can refuse, so a
//! worker that comes late cannot bring an ended deployment back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{AppId, DeploymentId, ReleaseId, UserId},
    name::Sha,
    step::Step,
};

/// Where a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waiting for people to approve it; nothing of it has begun.
    AwaitingApproval,
    /// Waiting for a worker.
    Queued,
    /// Getting the source.
    Fetching,
    /// Making the image.
    Building,
    /// Bringing the image to the registry.
    Pushing,
    /// Comparing wanted and observed.
    Planning,
    /// Giving the engine its orders.
    Applying,
    /// Watching until it is proven healthy.
    Verifying,
    /// Proven, beside the version that serves: visitors are led over.
    Shifting,
    /// It serves.
    Live,
    /// It ended without touching what serves, or there was nothing to return to.
    Failed,
    /// A newer one took its place before it touched the swarm.
    Superseded,
    /// Somebody stopped it, or nobody approved it in time.
    Cancelled,
    /// Somebody who may approve said no.
    Rejected,
    /// It was not healthy, and the release before it serves, verified.
    RolledBack,
    /// It was not healthy, and the return to the release before it was not proven either.
    RollbackIncomplete,
    /// It served once; a newer one does now.
    Retired,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::AwaitingApproval,
        Self::Queued,
        Self::Fetching,
        Self::Building,
        Self::Pushing,
        Self::Planning,
        Self::Applying,
        Self::Verifying,
        Self::Shifting,
        Self::Live,
        Self::Failed,
        Self::Superseded,
        Self::Cancelled,
        Self::Rejected,
        Self::RolledBack,
        Self::RollbackIncomplete,
        Self::Retired,
    ];

    /// The name in tables, logs and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Queued => "queued",
            Self::Fetching => "fetching",
            Self::Building => "building",
            Self::Pushing => "pushing",
            Self::Planning => "planning",
            Self::Applying => "applying",
            Self::Verifying => "verifying",
            Self::Shifting => "shifting",
            Self::Live => "live",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::RolledBack => "rolled_back",
            Self::RollbackIncomplete => "rollback_incomplete",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// It will not run again.
    #[must_use]
    pub const fn ended(self) -> bool {
        !matches!(self, Self::AwaitingApproval | Self::Queued) && !self.running()
    }

    /// A worker is, or was, in the middle of it.
    #[must_use]
    pub const fn running(self) -> bool {
        matches!(
            self,
            Self::Fetching
                | Self::Building
                | Self::Pushing
                | Self::Planning
                | Self::Applying
                | Self::Verifying
                | Self::Shifting
        )
    }

    /// The swarm may have been changed by it, and it has not ended.
    #[must_use]
    pub const fn touches(self) -> bool {
        matches!(self, Self::Applying | Self::Verifying | Self::Shifting)
    }

    /// The state in which a step runs; publishing is the end of verifying.
    #[must_use]
    pub const fn of(step: Step) -> Self {
        match step {
            Step::Fetch => Self::Fetching,
            Step::Build => Self::Building,
            Step::Push => Self::Pushing,
            Step::Plan => Self::Planning,
            Step::Apply => Self::Applying,
            Step::Verify | Step::Publish => Self::Verifying,
            Step::Shift | Step::Replace => Self::Shifting,
        }
    }
}

/// Why a deployment was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// A verified webhook.
    Webhook {
        /// Who sent it: `github`, `generic`...
        provider: String,
        /// Who gave the delivery in again, if a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<UserId>,
    },
    /// The poller saw a new head.
    Poll,
    /// A person, by dashboard, API or CLI.
    Person {
        /// Who.
        user: UserId,
    },
    /// A person asked for an older release.
    Rollback {
        /// Who.
        user: UserId,
        /// Which release.
        to: ReleaseId,
    },
}

impl Cause {
    /// The person who asked for it, if one did. Who pushed is the forge's to know, not ours.
    #[must_use]
    pub const fn person(&self) -> Option<UserId> {
        match self {
            Self::Person { user } | Self::Rollback { user, .. } => Some(*user),
            Self::Webhook { again, .. } => *again,
            Self::Poll => None,
        }
    }
}

/// Why a deployment did not become live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failure {
    /// In which step.
    pub step: Step,
    /// Stable, for programs: `build_failed`, `unhealthy`, `timeout`, `source_too_large`...
    pub code: String,
    /// For people: what happened and what to do.
    pub message: String,
    /// The last log lines of what failed, secrets masked.
    #[serde(default)]
    pub log_tail: Vec<String>,
}

/// One attempt to make one generation of an app real.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// The app.
    pub app: AppId,
    /// 1, 2, 3... within the app.
    pub number: i64,
    /// The app's settings as counted when it was queued.
    pub generation: i64,
    /// Where it stands.
    pub state: State,
    /// Why it was started.
    pub cause: Cause,
    /// The services that it is of alone, by their names in the Compose file; the whole app if empty.
    pub services: BTreeSet<String>,
    /// What the person gave as reason.
    pub reason: Option<String>,
    /// The exact commit, once known.
    pub commit: Option<Sha>,
    /// First line of the commit's message.
    pub title: Option<String>,
    /// The commit's author.
    pub author: Option<String>,
    /// Why it did not become live.
    pub failure: Option<Failure>,
    /// Approvals that it needed when it was asked for.
    pub approvals: i64,
    /// Somebody asked it to stop.
    pub cancel: bool,
    /// When it was asked for.
    pub created_at: Time,
    /// When a worker first took it.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
}

/// A transition that the state machine does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {} deployment cannot become {}", from.name(), to.name())]
pub struct Refused {
    /// Where it stood.
    pub from: State,
    /// Where it should have gone.
    pub to: State,
}

impl Deployment {
    /// Enters `step`. Repeating the step in which it was interrupted is no error.
    ///
    /// # Errors
    /// It awaits approval, has ended, or is further on.
    pub fn enter(mut self, step: Step, now: Time) -> Result<Self, Refused> {
        let to = match (step, self.state) {
            // Whatever led to it.
            (Step::Publish, State::Shifting) => State::Shifting,
            _ => State::of(step),
        };
        let order = |state: State| State::ALL.iter().position(|s| *s == state);
        let barred = self.state.ended() || self.state == State::AwaitingApproval;
        if barred || order(self.state) > order(to) {
            return Err(Refused { from: self.state, to });
        }
        self.started_at = self.started_at.or(Some(now));
        self.state = to;
        Ok(self)
    }

    /// It has its approvals, and waits for a worker.
    ///
    /// # Errors
    /// It did not await them.
    pub fn approved(mut self) -> Result<Self, Refused> {
        if self.state != State::AwaitingApproval {
            return Err(Refused { from: self.state, to: State::Queued });
        }
        self.state = State::Queued;
        Ok(self)
    }

    /// Somebody who may approve said no.
    ///
    /// # Errors
    /// It did not await approval.
    pub fn rejected(self, now: Time) -> Result<Self, Refused> {
        self.end(State::Rejected, &[State::AwaitingApproval], now)
    }

    /// Nobody approved it in time.
    ///
    /// # Errors
    /// It did not await approval.
    pub fn expired(mut self, failure: Failure, now: Time) -> Result<Self, Refused> {
        self.failure = Some(failure);
        self.end(State::Cancelled, &[State::AwaitingApproval], now)
    }

    /// Whether it brings the whole app, and not some services alone.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.services.is_empty()
    }

    /// It serves.
    ///
    /// # Errors
    /// It was not proven yet.
    pub fn live(self, now: Time) -> Result<Self, Refused> {
        self.end(State::Live, &[State::Verifying, State::Shifting], now)
    }

    /// It ends without being live: `Failed`, `RolledBack` or `RollbackIncomplete`.
    ///
    /// # Errors
    /// It has ended, or `to` is none of the three.
    pub fn fail(mut self, to: State, failure: Failure, now: Time) -> Result<Self, Refused> {
        if self.state.ended() || !matches!(to, State::Failed | State::RolledBack | State::RollbackIncomplete)
        {
            return Err(Refused { from: self.state, to });
        }
        self.failure = Some(failure);
        self.state = to;
        self.finished_at = Some(now);
        Ok(self)
    }

    /// A newer one takes its place: while it waits, when the fetch finds that a newer commit serves
    /// already, or when it cannot go on now and has not touched the swarm.
    ///
    /// # Errors
    /// It has gone further, or ended.
    pub fn supersede(self, now: Time) -> Result<Self, Refused> {
        let from = [
            State::AwaitingApproval,
            State::Queued,
            State::Fetching,
            State::Building,
            State::Pushing,
            State::Planning,
        ];
        self.end(State::Superseded, &from, now)
    }

    /// Somebody stopped it, and the worker has cleaned up.
    ///
    /// # Errors
    /// It has ended.
    pub fn cancelled(self, now: Time) -> Result<Self, Refused> {
        let from = [
            State::AwaitingApproval,
            State::Queued,
            State::Fetching,
            State::Building,
            State::Pushing,
            State::Planning,
            State::Applying,
            State::Verifying,
            State::Shifting,
        ];
        self.end(State::Cancelled, &from, now)
    }

    /// A newer one serves now.
    ///
    /// # Errors
    /// It was not live.
    pub fn retire(self, now: Time) -> Result<Self, Refused> {
        self.end(State::Retired, &[State::Live], now)
    }

    fn end(mut self, to: State, from: &[State], now: Time) -> Result<Self, Refused> {
        if !from.contains(&self.state) {
            return Err(Refused { from: self.state, to });
        }
        self.state = to;
        self.finished_at = self.finished_at.or(Some(now));
        Ok(self)
    }
}
