//! The keys that are known, and what is said to those that Swarm, or the docker CLI, leaves out.
//!
//! To carry a key: its name in [`SERVICE`], its reading in the file of its kind, and nothing in
//! [`LEFT_OUT`].

use super::{
    convert::Build,
    read::{At, Fields},
    yaml::Value,
};

/// At the top of the file. `name`, `include` and `version` are the loader's.
pub(super) const TOP: [&str; 9] =
    ["version", "name", "services", "networks", "volumes", "configs", "secrets", "include", "models"];

/// Of a service, in the order of the Compose specification.
pub(super) const SERVICE: [&str; 95] = [
    "annotations",
    "attach",
    "blkio_config",
    "build",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "cgroupns_mode",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "credential_spec",
    "depends_on",
    "deploy",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "driver_opts",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "models",
    "network_mode",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "ports",
    "post_start",
    "pre_stop",
    "privileged",
    "profiles",
    "provider",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "restart",
    "runtime",
    "scale",
    "secrets",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "use_api_socket",
    "user",
    "userns_mode",
    "uts",
    "volume_driver",
    "volumes",
    "volumes_from",
    "working_dir",
];

/// What becomes of a key that the plain conversion leaves out; the codes of its notes.
pub(super) mod fate {
    /// It has no effect on a swarm.
    pub(in crate::compose) const IGNORED: &str = "ignored";
    /// `place` carries it.
    pub(in crate::compose) const CARRIED: &str = "not_carried";
    /// `place` refuses it: the service would not be what the file says, or have the host's powers.
    pub(in crate::compose) const REFUSED: &str = "not_allowed";
}
use fate::{CARRIED, IGNORED, REFUSED};

const CPUS: &str = "is not known to Swarm: write `deploy.resources.limits.cpus`";

/// Of a service: what the plain conversion leaves out, with a note.
const LEFT_OUT: [(&str, &str, &str); 45] = [
    ("annotations", IGNORED, "has no effect: Swarm gives containers no annotations; use `labels`"),
    ("attach", IGNORED, "has no effect: it is of a terminal"),
    ("blkio_config", IGNORED, "has no effect: Swarm does not limit disks"),
    ("cpu_percent", IGNORED, CPUS),
    ("cpu_rt_period", IGNORED, "has no effect: Swarm knows no real-time scheduling"),
    ("cpu_rt_runtime", IGNORED, "has no effect: Swarm knows no real-time scheduling"),
    ("cpu_shares", IGNORED, "has no effect: write `deploy.resources.reservations.cpus`"),
    ("cpuset", IGNORED, "has no effect: nodes have different processors; use placement"),
    ("develop", IGNORED, "has no effect: it is of a developer's machine"),
    ("domainname", IGNORED, "has no effect: write the full name as `hostname`"),
    ("expose", IGNORED, "has no effect: services reach all ports of each other"),
    ("mac_address", IGNORED, "has no effect: Swarm gives out the addresses"),
    ("mem_swappiness", IGNORED, "has no effect: it is a setting of the node"),
    ("memswap_limit", IGNORED, "has no effect: it is a setting of the node"),
    ("oom_kill_disable", IGNORED, "has no effect: write `deploy.resources.reservations.memory`"),
    ("pull_policy", IGNORED, "has no effect: images are pinned when they are deployed"),
    ("pull_refresh_after", IGNORED, "has no effect: images are pinned when they are deployed"),
    ("storage_opt", IGNORED, "has no effect: it is a setting of the node"),
    ("container_name", CARRIED, "is not carried over: Swarm names the containers"),
    ("links", CARRIED, "is not carried over: services find each other by name"),
    ("oom_score_adj", CARRIED, "is not carried over"),
    ("security_opt", CARRIED, "is not carried over"),
    ("shm_size", CARRIED, "is not carried over: mount a `tmpfs` at `/dev/shm`"),
    ("tmpfs", CARRIED, "is not carried over: write a volume of the type `tmpfs`"),
    ("network_mode", CARRIED, "is not carried over: services meet on `networks`"),
    ("ipc", CARRIED, "is not carried over: each container has its own"),
    ("pid", CARRIED, "is not carried over: each container has its own"),
    ("uts", CARRIED, "is not carried over: each container has its own"),
    ("userns_mode", CARRIED, "is not carried over: it is a setting of the node"),
    ("cgroup", CARRIED, "is not carried over: each container has its own"),
    ("cgroupns_mode", CARRIED, "is not carried over: each container has its own"),
    ("cgroup_parent", REFUSED, "is not allowed: leave it out"),
    ("device_cgroup_rules", REFUSED, "is not allowed: Swarm gives no devices to containers"),
    ("devices", REFUSED, "is not allowed: Swarm gives no devices to containers; reserve `generic_resources`"),
    ("driver_opts", REFUSED, "is not allowed: leave it out"),
    (
        "external_links",
        REFUSED,
        "is not known to Swarm: name the other app's service on the environment's network",
    ),
    (
        "models",
        REFUSED,
        "is not known to Swarm: run the model as a service, and give its address by `environment`",
    ),
    ("post_start", REFUSED, "is not known to Swarm: make it a part of the `entrypoint`"),
    ("pre_stop", REFUSED, "is not known to Swarm: let the program answer to `stop_signal`"),
    ("privileged", REFUSED, "is not allowed: name what is needed under `cap_add`, which the owner can grant"),
    ("provider", REFUSED, "is not known to Swarm: run the thing as a service"),
    ("runtime", REFUSED, "is not allowed: the node's own runtime is used"),
    ("use_api_socket", REFUSED, "is not allowed: whoever has the engine's socket is root on the cluster"),
    ("volume_driver", REFUSED, "is not known to Swarm: name the driver under the top-level `volumes`"),
    ("volumes_from", REFUSED, "is not known to Swarm: name the volumes under `volumes`"),
];

/// Says what has no effect at the top of the file.
pub(super) fn check_top(top: &Fields<'_>, build: &mut Build<'_>) {
    top.get("version").and_then(|at| at.text(&mut build.faults));
    if let Some(at) = top.get("name") {
        build.note(at, IGNORED, "has no effect: the stack is named where it is deployed");
    }
    if let Some(at) = top.get("models") {
        build.note(at, IGNORED, "has no effect: Swarm runs no models");
    }
}

/// Notes the keys of a service that are not carried over.
pub(super) fn check(fields: &Fields<'_>, build: &mut Build<'_>) {
    for (key, at) in fields.iter() {
        if let Some((_, fate, reason)) = LEFT_OUT.iter().find(|(name, ..)| name == key)
            && !asks_nothing(at)
        {
            build.note(at, fate, *reason);
        }
    }
}

/// Whether the value is the same as leaving the key out.
fn asks_nothing(at: &At<'_>) -> bool {
    match &at.node.value {
        Value::Bool(false) | Value::Null => true,
        Value::List(list) => list.is_empty(),
        Value::Text(text) => text.is_empty(),
        _ => false,
    }
}
