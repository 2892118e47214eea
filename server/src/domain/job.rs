//! Durable background work: what can be asked for. How it runs is `jobs/`.
//!
//! A payload is a stored format: never change one, add a new variant and keep the old.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{AppId, DeploymentId, JobId},
};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Run a deployment to its end.
    Deploy {
        /// Which.
        deployment: DeploymentId,
    },
    /// Remove an app and all that is its own.
    RemoveApp {
        /// Which.
        app: AppId,
        /// Its volumes too.
        volumes: bool,
    },
    /// Bring the running services to the app's wanted state (stop, start, restart, scale).
    Settle {
        /// Which.
        app: AppId,
        /// Restart tasks even if nothing differs.
        restart: bool,
    },
    /// Replace the tasks of one service of an app by new ones.
    RestartService {
        /// Which.
        app: AppId,
        /// The service, by its name in the Compose file.
        service: String,
    },
    /// Obtain or renew the certificate for a host.
    Certificate {
        /// The host name.
        host: String,
    },
    /// Tell the forge how a deployment stands.
    CommitStatus {
        /// Which.
        deployment: DeploymentId,
        /// The state's name when this was asked.
        state: String,
    },
}

impl Work {
    /// The name of the kind, for tables and logs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deploy { .. } => "deploy",
            Self::RemoveApp { .. } => "remove_app",
            Self::Settle { .. } => "settle",
            Self::RestartService { .. } => "restart_service",
            Self::Certificate { .. } => "certificate",
            Self::CommitStatus { .. } => "commit_status",
        }
    }
}

/// A claimed job: the right to do `work` until `leased_until`, fenced by (`worker`, `attempt`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The row.
    pub id: JobId,
    /// What to do.
    pub work: Work,
    /// Who holds the lease.
    pub worker: String,
    /// 1 for the first try.
    pub attempt: i64,
    /// Tries before it is set aside as poison.
    pub max_attempts: i64,
    /// When another worker may take over, by the database's clock.
    pub leased_until: Time,
}
