//! Deployments and releases: what was tried, how it went, and what can be returned to.

use serde::{Deserialize, Serialize};

use super::{AppId, DeploymentId, ReleaseId, StepName, StepView, Time};
#[cfg(feature = "ssr")]
use super::{LogLine, Result};

/// Where a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentState {
    /// Waiting for people to approve it.
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
    /// A newer one took its place before it began.
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

impl DeploymentState {
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

    /// The name in JSON.
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

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// It will not change by itself any more.
    #[must_use]
    pub const fn ended(self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::Failed
                | Self::Superseded
                | Self::Cancelled
                | Self::Rejected
                | Self::RolledBack
                | Self::RollbackIncomplete
                | Self::Retired
        )
    }

    /// Its word, and the name of its colour.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::AwaitingApproval => ("Awaiting approval", "warn"),
            Self::Queued => ("Queued", "busy"),
            Self::Fetching => ("Fetching", "busy"),
            Self::Building => ("Building", "busy"),
            Self::Pushing => ("Pushing", "busy"),
            Self::Planning => ("Planning", "busy"),
            Self::Applying => ("Applying", "busy"),
            Self::Verifying => ("Verifying", "busy"),
            Self::Shifting => ("Leading visitors over", "busy"),
            Self::Live => ("Live", "good"),
            Self::Failed => ("Failed", "bad"),
            Self::Superseded => ("Superseded", "off"),
            Self::Cancelled => ("Cancelled", "off"),
            Self::Rejected => ("Rejected", "off"),
            Self::RolledBack => ("Rolled back", "bad"),
            Self::RollbackIncomplete => ("Rollback incomplete", "bad"),
            Self::Retired => ("Retired", "off"),
        }
    }
}

/// Why a deployment was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// A verified webhook.
    Webhook {
        /// Who sent it: `github`, `generic`...
        provider: String,
    },
    /// The poller saw a new head.
    Poll,
    /// A person.
    Person {
        /// Their address.
        email: String,
    },
    /// A person asked for an older release.
    Rollback {
        /// Their address.
        email: String,
        /// The number of the release.
        to: i64,
    },
}

/// A deployment in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentLine {
    /// Its id.
    pub id: DeploymentId,
    /// The app's id.
    pub app: AppId,
    /// The app with its place, for lists over all apps: `Shop / production / web`.
    pub app_title: String,
    /// 1, 2, 3... within the app.
    pub number: i64,
    /// Where it stands.
    pub state: DeploymentState,
    /// Why it was started.
    pub cause: Cause,
    /// The services that it is of alone; the whole app if empty.
    pub services: Vec<String>,
    /// The person's words.
    pub reason: Option<String>,
    /// The full commit id, once known.
    pub commit: Option<String>,
    /// First line of the commit's message.
    pub title: Option<String>,
    /// The commit's author.
    pub author: Option<String>,
    /// The failure's message, if it did not become live.
    pub failure: Option<String>,
    /// When it was queued.
    pub created_at: Time,
    /// When a worker took it.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentPage {
    /// Newest first.
    pub items: Vec<DeploymentLine>,
    /// Ask with this as `before` for the next page; none on the last.
    pub next: Option<i64>,
    /// How many there are in all.
    pub total: u64,
}

/// A deployment's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// As in lists.
    pub line: DeploymentLine,
    /// The app's name.
    pub app_name: String,
    /// All steps in order.
    pub steps: Vec<StepView>,
    /// Why it did not become live.
    pub failure: Option<FailureView>,
    /// Somebody asked it to stop, and it has not yet.
    pub cancelling: bool,
    /// The engine's actions, once planned.
    pub plan: Option<Vec<PlanAction>>,
    /// What differs from the release before it, once live.
    pub release_diff: Option<Vec<ChangeView>>,
    /// The release that it made; can be returned to if `kept`.
    pub release: Option<ReleaseView>,
    /// Where its visitors are, while it leads them over.
    pub shift: Option<ShiftView>,
}

/// How a deployment stands with its approvals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalsView {
    /// How many it needs, or needed; 0 if none.
    pub needed: u32,
    /// What people said, the first one first.
    pub decisions: Vec<DecisionView>,
    /// Until when it waits; none if it does not.
    pub until: Option<Time>,
    /// The viewer may approve it now.
    pub mine: bool,
    /// The viewer may reject it now.
    pub rejects: bool,
}

/// What one person said to a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionView {
    /// Their address.
    pub email: String,
    /// Yes or no.
    pub approved: bool,
    /// Their words.
    pub comment: Option<String>,
    /// When.
    pub at: Time,
}

/// Why a deployment did not become live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureView {
    /// In which step.
    pub step: StepName,
    /// Stable, for programs: `build_failed`, `unhealthy`...
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// The last log lines of what failed.
    pub log_tail: Vec<String>,
}

/// What a deployment of an app would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppPlan {
    /// In order; none if nothing differs.
    pub actions: Vec<PlanAction>,
    /// What only a deployment will know, and what is shown instead.
    pub notes: Vec<String>,
}

/// One call of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanAction {
    /// `create`, `update` or `remove`.
    pub verb: PlanVerb,
    /// `network`, `secret`, `config`, `volume` or `service`.
    pub what: String,
    /// The object's name.
    pub name: String,
    /// Tasks are replaced by it.
    pub restarts: bool,
    /// What differs, for an update; secrets are never in it.
    pub changes: Vec<ChangeView>,
}

/// What a plan does to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanVerb {
    /// Made.
    Create,
    /// Changed in place.
    Update,
    /// Removed.
    Remove,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// Where: `image`, `TaskTemplate.ContainerSpec.Image`.
    pub path: String,
    /// Before; none if absent.
    pub from: Option<String>,
    /// After; none if absent.
    pub to: Option<String>,
}

/// What serves, or served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    /// Its id.
    pub id: ReleaseId,
    /// The deployment that made it.
    pub deployment: DeploymentId,
    /// The deployment's number.
    pub number: i64,
    /// The commit, if it came from git.
    pub commit: Option<String>,
    /// First line of the commit's message.
    pub title: Option<String>,
    /// The images, pinned.
    pub images: Vec<String>,
    /// It serves now.
    pub current: bool,
    /// Its image is still there, so it can be returned to.
    pub kept: bool,
    /// When it became live.
    pub created_at: Time,
}

/// Visitors on their way to a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftView {
    /// The new version's share of them, in percent.
    pub weight: u8,
    /// Which step it is, from 1.
    pub step: u32,
    /// How many there are.
    pub steps: u32,
    /// When the next step comes; or, if it waits for a person, when it is given up.
    pub until: Time,
    /// It waits for a person.
    pub by_hand: bool,
}

/// Questions and commands about deployments.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Deployments: Send + Sync {
    /// An app's deployments, newest first: at most `limit` with a number below `before`.
    async fn deployments(&self, app: &AppId, before: Option<i64>, limit: u32) -> Result<DeploymentPage>;

    /// One deployment.
    async fn deployment(&self, id: &DeploymentId) -> Result<DeploymentView>;

    /// Its last `limit` log lines, oldest first.
    async fn deployment_log(&self, id: &DeploymentId, limit: u32) -> Result<Vec<LogLine>>;

    /// Starts a deployment of the newest source with today's settings. Fault at `reason`.
    async fn deploy(&self, app: &AppId, reason: Option<&str>) -> Result<DeploymentId>;

    /// Deploys one service of a Compose app alone; the others stay as they run.
    async fn deploy_service(&self, app: &AppId, service: &str) -> Result<DeploymentId>;

    /// What a deployment would do; nothing is done.
    async fn plan(&self, app: &AppId) -> Result<AppPlan>;

    /// Leads the next share of visitors to the new version now; `Conflict` if nobody is on the way.
    async fn go_on(&self, id: &DeploymentId) -> Result<()>;

    /// Keeps the visitors where they are until somebody says so.
    async fn hold(&self, id: &DeploymentId) -> Result<()>;

    /// How a deployment stands with its approvals.
    async fn approvals(&self, id: &DeploymentId) -> Result<ApprovalsView>;

    /// Approves a deployment of somebody else; `Forbidden` for who asked, `Conflict` if it does not
    /// await approval. Fault at `comment`.
    async fn approve(&self, id: &DeploymentId, comment: Option<&str>) -> Result<()>;

    /// Rejects a deployment that awaits approval. Fault at `comment`.
    async fn reject(&self, id: &DeploymentId, comment: Option<&str>) -> Result<()>;

    /// Asks a deployment to stop; `Conflict` if it has ended.
    async fn cancel(&self, id: &DeploymentId) -> Result<()>;

    /// An app's releases that can be returned to, and the current one, newest first.
    async fn releases(&self, app: &AppId) -> Result<Vec<ReleaseView>>;

    /// Starts a deployment that applies an older release again. Fault at `reason`; `Conflict`
    /// if its image is gone.
    async fn roll_back(&self, app: &AppId, to: &ReleaseId, reason: Option<&str>) -> Result<DeploymentId>;
}
