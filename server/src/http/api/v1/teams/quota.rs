//! What a team may have at most and what it uses, as the API shows it.

use serde::{Deserialize, Serialize};

use crate::{
    control::quotas::Standing,
    domain::{clock::Time, quota::Quota},
};

/// What a team may have at most. What is left out or null has no bound.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TeamQuota)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Apps.
    apps: Option<i64>,
    /// Builds at once; more wait for their turn.
    builds: Option<i64>,
    /// Processors that all tasks together may use, in nanoCPUs (one is 1000000000).
    nano_cpus: Option<i64>,
    /// Memory that all tasks together may use, bytes.
    memory: Option<i64>,
    /// What the volumes may hold, bytes.
    storage: Option<i64>,
}

impl From<Limits> for Quota {
    fn from(l: Limits) -> Self {
        Self { apps: l.apps, builds: l.builds, nano_cpus: l.nano_cpus, memory: l.memory, storage: l.storage }
    }
}

/// What a team uses.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TeamUse)]
pub struct Used {
    /// Apps.
    apps: i64,
    /// Builds that run.
    builds: i64,
    /// The limits of all tasks of running apps together, in nanoCPUs; it grows with each deployment.
    nano_cpus: i64,
    /// The same of memory, bytes.
    memory: i64,
    /// What its volumes hold, bytes, on the nodes that were measured; none if nothing was, as no team's
    /// storage has a quota.
    storage: Option<i64>,
    /// When the oldest of these was measured.
    #[schema(value_type = Option<String>, format = DateTime)]
    storage_measured_at: Option<Time>,
}

/// A team's quota and what it uses of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuotaView {
    /// At most.
    quota: Limits,
    /// Now.
    used: Used,
    /// What is used beyond the quota: `apps`, `builds`, `nano_cpus`, `memory`, `storage`. It goes on; nothing is
    /// added to it.
    over: Vec<&'static str>,
    /// The nodes whose volumes were measured, by id.
    measured_nodes: Vec<String>,
}

impl From<Standing> for QuotaView {
    fn from(standing: Standing) -> Self {
        let Standing { quota, used, measured } = standing;
        Self {
            over: quota.over(&used),
            quota: Limits {
                apps: quota.apps,
                builds: quota.builds,
                nano_cpus: quota.nano_cpus,
                memory: quota.memory,
                storage: quota.storage,
            },
            used: Used {
                apps: used.apps,
                builds: used.builds,
                nano_cpus: used.nano_cpus,
                memory: used.memory,
                storage: (!measured.is_empty()).then_some(used.storage),
                storage_measured_at: used.measured_at,
            },
            measured_nodes: measured,
        }
    }
}
