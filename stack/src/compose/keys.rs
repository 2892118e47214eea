//! The keys that are known, and what is said to those that do nothing here.
//!
//! To support a key, take it out of [`REFUSED`] or [`IGNORED`], name it in [`SERVICE`], and read it
//! where its kind is read.

use super::{Build, read::Fields};

/// At the top of the file.
pub(super) const TOP: [&str; 8] =
    ["version", "name", "services", "networks", "volumes", "configs", "secrets", "include"];

/// Of a service: read somewhere.
const SERVICE: [&str; 38] = [
    "build",
    "cap_add",
    "cap_drop",
    "command",
    "configs",
    "depends_on",
    "deploy",
    "dns",
    "dns_opt",
    "dns_search",
    "entrypoint",
    "environment",
    "extra_hosts",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "logging",
    "networks",
    "ports",
    "read_only",
    "restart",
    "secrets",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "user",
    "volumes",
    "working_dir",
    "oom_score_adj",
    "group_add",
    "isolation",
    "mem_limit",
];

/// Of a service: refused, with the reason.
const REFUSED: [(&str, &str); 41] = [
    ("privileged", "is not allowed"),
    ("network_mode", "is not allowed: services meet on `networks`"),
    ("pid", "is not allowed"),
    ("ipc", "is not allowed"),
    ("uts", "is not allowed"),
    ("userns_mode", "is not allowed"),
    ("cgroup", "is not allowed"),
    ("cgroup_parent", "is not allowed"),
    ("cgroupns_mode", "is not allowed"),
    ("devices", "is not allowed, and Swarm cannot give devices to containers"),
    ("device_cgroup_rules", "is not allowed"),
    ("device_read_bps", "is not allowed"),
    ("device_read_iops", "is not allowed"),
    ("device_write_bps", "is not allowed"),
    ("device_write_iops", "is not allowed"),
    ("blkio_config", "is not allowed"),
    ("security_opt", "is not allowed"),
    ("credential_spec", "is not allowed"),
    ("runtime", "is not allowed"),
    ("gpus", "is not allowed: the instance's owner can grant generic resources"),
    ("volumes_from", "is not known to Swarm: name the volumes under `volumes`"),
    ("volume_driver", "is not known to Swarm: name the driver under the top-level `volumes`"),
    ("links", "is not known to Swarm: services find each other by name"),
    ("external_links", "is not known to Swarm: services find each other by name"),
    ("extends", "is not supported: write the service out, or use YAML anchors"),
    ("env_file", "is not supported: set the app's variables, and name them under `environment`"),
    ("profiles", "is not supported: remove the service, or the key"),
    ("scale", "is not supported: write `deploy.replicas`"),
    ("memswap_limit", "is not known to Swarm"),
    ("mem_reservation", "is not known to Swarm: write `deploy.resources.reservations.memory`"),
    ("mem_swappiness", "is not known to Swarm"),
    ("cpus", "is not known to Swarm: write `deploy.resources.limits.cpus`"),
    ("cpu_count", "is not known to Swarm: write `deploy.resources.limits.cpus`"),
    ("cpu_percent", "is not known to Swarm: write `deploy.resources.limits.cpus`"),
    ("cpu_period", "is not known to Swarm: write `deploy.resources.limits.cpus`"),
    ("cpu_quota", "is not known to Swarm: write `deploy.resources.limits.cpus`"),
    ("cpu_shares", "is not known to Swarm: write `deploy.resources.limits.cpus`"),
    ("cpuset", "is not known to Swarm"),
    ("pids_limit", "is not known to Swarm: write `deploy.resources.limits.pids`"),
    ("shm_size", "is not known to Swarm: mount a tmpfs at /dev/shm"),
    ("provider", "is not supported"),
];

/// Of a service: without effect here, which is worth a note.
const IGNORED: [(&str, &str); 11] = [
    ("container_name", "has no effect: Swarm names the containers; services find each other by name"),
    ("expose", "has no effect: services reach all ports of each other"),
    ("domainname", "has no effect"),
    ("mac_address", "has no effect"),
    ("platform", "has no effect: use `deploy.placement.constraints` with `node.platform.arch`"),
    ("pull_policy", "has no effect: images are pinned when they are deployed"),
    ("annotations", "has no effect"),
    ("develop", "has no effect"),
    ("attach", "has no effect"),
    ("storage_opt", "has no effect"),
    ("oom_kill_disable", "has no effect"),
];

/// All keys that a service may have, one way or another.
pub(super) fn service() -> Vec<&'static str> {
    let named = REFUSED.iter().chain(&IGNORED).map(|(key, _)| *key);
    SERVICE.iter().copied().chain(named).collect()
}

/// Refuses and notes the keys of a service that are not read.
pub(super) fn check(fields: &Fields<'_>, build: &mut Build<'_>) {
    for (key, at) in fields.iter() {
        let asks_nothing = at.node.value == super::yaml::Value::Bool(false);
        if let Some((_, reason)) = REFUSED.iter().find(|(name, _)| name == key)
            && !asks_nothing
        {
            at.fault("not_allowed", *reason, &mut build.faults);
        }
        if let Some((_, reason)) = IGNORED.iter().find(|(name, _)| name == key) {
            build.note(at, "ignored", *reason);
        }
    }
}
