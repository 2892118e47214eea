//! The steps of a deployment, in the order in which they run. Each is recorded, repeatable, and
//! named the same in tables, API, logs and UI.

use serde::{Deserialize, Serialize};

/// One recorded, repeatable part of a deployment.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Get the source at one exact commit.
    Fetch,
    /// Make the image.
    Build,
    /// Bring the image to the registry, if there is one; pin it.
    Push,
    /// Compare what is wanted with what runs.
    Plan,
    /// Give the engine the plan's actions.
    Apply,
    /// Watch until every service is proven healthy.
    Verify,
    /// Lead visitors over to the trial of the new version.
    Shift,
    /// Bring the service itself to the new version, while its trial serves.
    Replace,
    /// Record the release and lead the routes to it.
    Publish,
}

impl Step {
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

    /// Only deployments that try a new version beside the old one have it.
    #[must_use]
    pub const fn of_trial(self) -> bool {
        matches!(self, Self::Shift | Self::Replace)
    }

    /// The name in tables, logs and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Build => "build",
            Self::Push => "push",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Verify => "verify",
            Self::Shift => "shift",
            Self::Replace => "replace",
            Self::Publish => "publish",
        }
    }

    /// The step of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}
