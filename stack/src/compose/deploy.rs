//! The `deploy` section: how many tasks, and how they are reached. Its blocks are read in
//! `rollout`, `restart`, `placement` and `resources`.
//!
//! To carry a key: its name in [`KNOWN`], and its reading here or in the file of its block.

use bollard_stubs::models::{
    EndpointSpecModeEnum, ServiceSpecMode, ServiceSpecModeReplicated, ServiceSpecModeReplicatedJob,
};
use serde_json::json;

use super::{convert::Build, read::Fields};
use crate::fault::Faults;

const KNOWN: [&str; 9] = [
    "mode",
    "replicas",
    "labels",
    "update_config",
    "rollback_config",
    "restart_policy",
    "placement",
    "resources",
    "endpoint_mode",
];

/// The section's fields; none of them if it is not there.
pub(super) fn section<'n>(service: &Fields<'n>, faults: &mut Faults) -> Option<Fields<'n>> {
    Some(service.get("deploy")?.fields(&KNOWN, faults))
}

/// The fields of one of its blocks.
pub(super) fn block<'n>(
    deploy: Option<&Fields<'n>>,
    key: &str,
    known: &[&str],
    faults: &mut Faults,
) -> Option<Fields<'n>> {
    Some(deploy?.get(key)?.fields(known, faults))
}

/// How many tasks, and whether they end. `scale` counts where `replicas` is not written.
pub(super) fn mode(
    service: &Fields<'_>,
    deploy: Option<&Fields<'_>>,
    faults: &mut Faults,
) -> ServiceSpecMode {
    let get = |key: &str| deploy.and_then(|deploy| deploy.get(key));
    let mode = get("mode").and_then(|at| at.text(faults)).unwrap_or_default();
    let count_at = get("replicas").or_else(|| service.get("scale"));
    let count = count_at.and_then(|at| at.int(faults));
    if let (Some(at), Some(..0)) = (count_at, count) {
        at.fault("quota", "must not be negative", faults);
    }
    if let (Some(at), true) = (count_at, mode.starts_with("global")) {
        at.fault("invalid_choice", "does not go with a global mode: there is one task on each node", faults);
    }
    let none = ServiceSpecMode::default();
    match mode {
        "" | "replicated" => {
            ServiceSpecMode { replicated: Some(ServiceSpecModeReplicated { replicas: count }), ..none }
        }
        "replicated-job" => {
            let job = ServiceSpecModeReplicatedJob { max_concurrent: count, total_completions: count };
            ServiceSpecMode { replicated_job: Some(job), ..none }
        }
        "global" => ServiceSpecMode { global: Some(Default::default()), ..none },
        "global-job" => ServiceSpecMode { global_job: Some(Default::default()), ..none },
        _ => {
            if let Some(at) = get("mode") {
                let rule = "must be `replicated`, `global`, `replicated-job` or `global-job`";
                at.fault("invalid_choice", rule, faults);
            }
            none
        }
    }
}

/// How the service is reached by its name: by one address, or by those of its tasks.
pub(super) fn endpoint(
    name: &str,
    deploy: Option<&Fields<'_>>,
    build: &mut Build<'_>,
) -> Option<EndpointSpecModeEnum> {
    let at = deploy?.get("endpoint_mode")?;
    let text = at.text(&mut build.faults)?.to_lowercase();
    let known = text.parse().ok().filter(|_| !text.is_empty());
    if known.is_none() && !text.is_empty() {
        build.raw(name, "/EndpointSpec/Mode", json!(text), at, "must be `vip` or `dnsrr`");
    }
    known
}
