//! Steps of a deployment: which, and where each stands.

use serde::{Deserialize, Serialize};

use super::Time;

/// A step of a deployment, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Get the source.
    Fetch,
    /// Make the image.
    Build,
    /// Bring the image to the registry.
    Push,
    /// Compare wanted and observed.
    Plan,
    /// Give the engine its orders.
    Apply,
    /// Watch until healthy.
    Verify,
    /// Lead visitors over to the trial of the new version.
    Shift,
    /// Bring the service itself to the new version.
    Replace,
    /// Record the release and lead the routes to it.
    Publish,
}

impl StepName {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Fetch,
        Self::Build,
        Self::Push,
        Self::Plan,
        Self::Apply,
        Self::Verify,
        Self::Shift,
        Self::Replace,
        Self::Publish,
    ];

    /// Its name in ids, and for people.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Fetch => ("fetch", "Fetch"),
            Self::Build => ("build", "Build"),
            Self::Push => ("push", "Push"),
            Self::Plan => ("plan", "Plan"),
            Self::Apply => ("apply", "Apply"),
            Self::Verify => ("verify", "Verify"),
            Self::Shift => ("shift", "Lead over"),
            Self::Replace => ("replace", "Replace"),
            Self::Publish => ("publish", "Publish"),
        }
    }
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

impl StepState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Skipped];

    /// The name in JSON, in the looks, and for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A step of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Which.
    pub step: StepName,
    /// Where it stands.
    pub state: StepState,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
}
