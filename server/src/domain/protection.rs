//! What an environment asks of a deployment to it, and what people said to one.

use super::{
    clock::Time,
    id::{DeploymentId, UserId},
};

/// Approvals that an environment may ask for, at most.
pub const MOST_APPROVALS: i64 = 2;
/// Branches and tags that it may name, at most.
pub const MOST_BRANCHES: usize = 20;

/// How long a deployment waits for its approvals.
#[must_use]
pub fn patience() -> chrono::Duration {
    chrono::Duration::days(7)
}

/// The rules of a protected environment. A protected one is neither reset nor removed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Protection {
    /// How many other people must approve, 0 to [`MOST_APPROVALS`].
    pub approvals: i64,
    /// Who deploys must say why. The reason of a push is its commit's message.
    pub reason_required: bool,
    /// Globs of the branches and tags that apps from git may follow; any if empty.
    pub branches: Vec<String>,
    /// Pushes ask for deployments; they wait for approval as others do.
    pub pushes: bool,
    /// To return to a release that served before needs a reason, and no approval.
    pub rollback_without_approval: bool,
}

impl Default for Protection {
    fn default() -> Self {
        Self {
            approvals: 0,
            reason_required: false,
            branches: Vec::new(),
            pushes: true,
            rollback_without_approval: true,
        }
    }
}

/// What one person said to a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Who; an API token of theirs is themselves.
    pub user: UserId,
    /// Yes or no.
    pub approved: bool,
    /// Their words.
    pub comment: Option<String>,
    /// When.
    pub at: Time,
}
