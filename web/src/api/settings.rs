//! How an app runs, as a person writes it: human units, defaults left out. The JSON shape is that
//! of the public API, so a server converts by way of it; here nothing is checked but numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How an app runs. Everything has a default; `{}` is a valid setting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The port on which the app listens; set as `PORT` too, unless that variable is given.
    pub port: Option<u16>,
    /// Copies; 1 if absent.
    pub replicas: Option<u64>,
    /// Copies of single services of a Compose app: set by scaling.
    pub scale: BTreeMap<String, u64>,
    /// Arguments in place of the image's own.
    pub command: Option<Vec<String>>,
    /// Entrypoint in place of the image's own.
    pub entrypoint: Option<Vec<String>>,
    /// How to know that it is healthy; a TCP probe of `port` if absent.
    pub health: Option<Health>,
    /// Volumes and config files.
    pub mounts: Vec<Mount>,
    /// Ports published on the nodes, beside the domains.
    pub publish: Vec<Publish>,
    /// CPU, memory and process limits.
    pub resources: Resources,
    /// Where it may run.
    pub placement: Placement,
    /// How an update is rolled out.
    pub update: Update,
    /// What happens when a task ends.
    pub restart: Restart,
    /// How long a task may take to stop: `10s` if absent.
    pub stop_grace: Option<String>,
    /// The signal that asks it to stop: `SIGTERM` if absent.
    pub stop_signal: Option<String>,
    /// How long a task that visitors are led to serves on before it is asked to stop: `5s` if absent.
    pub drain: Option<String>,
    /// Labels on the containers.
    pub labels: BTreeMap<String, String>,
    /// Further overlay networks of the same environment, by name.
    pub networks: Vec<String>,
    /// Further names by which the app is found on its environment's network.
    pub aliases: Vec<String>,
    /// Run an init as PID 1: true if absent.
    pub init: Option<bool>,
    /// User (and group) in the container.
    pub user: Option<String>,
    /// Working directory in the container.
    pub workdir: Option<String>,
    /// The root file system cannot be written.
    pub read_only: bool,
    /// Variables without which the app is not deployed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
}

/// How to know that an app is healthy. The old version serves until this holds for
/// [`Update::monitor`] without a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What is asked.
    #[serde(flatten)]
    pub check: Check,
    /// Between two checks: `5s` if absent.
    #[serde(default)]
    pub interval: Option<String>,
    /// For one check: `3s` if absent.
    #[serde(default)]
    pub timeout: Option<String>,
    /// Failures in a row until it counts as sick: 3 if absent.
    #[serde(default)]
    pub retries: Option<u32>,
    /// Failures do not count for this long after the start: `60s` if absent.
    #[serde(default)]
    pub start_period: Option<String>,
}

/// What a health check asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Check {
    /// `GET path` on the port answers 200 to 399.
    Http {
        /// `/health`
        path: String,
        /// The app's port if absent.
        #[serde(default)]
        port: Option<u16>,
    },
    /// The port accepts a connection.
    Tcp {
        /// The app's port if absent.
        #[serde(default)]
        port: Option<u16>,
    },
    /// A program in the container ends with 0.
    Command {
        /// Program and arguments.
        command: Vec<String>,
    },
    /// The image's own `HEALTHCHECK`.
    Image,
    /// Only that the process lives.
    None,
}

/// Something mounted into the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mount {
    /// A named volume, on one node; pinned there.
    Volume {
        /// The volume's name within the app.
        name: String,
        /// Absolute path in the container.
        target: String,
        /// The container cannot write it.
        #[serde(default)]
        read_only: bool,
    },
    /// A file with this content.
    File {
        /// Absolute path in the container.
        target: String,
        /// The content, at most 1000 KiB.
        content: String,
        /// Octal permissions: `0444` if absent.
        #[serde(default)]
        mode: Option<String>,
    },
    /// Memory.
    Tmpfs {
        /// Absolute path in the container.
        target: String,
        /// `64m`
        #[serde(default)]
        size: Option<String>,
    },
}

/// A port published on the nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// The port in the container.
    pub target: u16,
    /// The port on the node.
    pub published: u16,
    /// `tcp` if absent, or `udp`.
    #[serde(default)]
    pub protocol: Option<String>,
    /// `host` (the node where a task runs) if absent, or `ingress` (any node; needs IPVS).
    #[serde(default)]
    pub mode: Option<String>,
}

/// CPU, memory and process limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// `0.5` CPUs at most.
    pub cpus: Option<String>,
    /// `256m` at most.
    pub memory: Option<String>,
    /// Processes at most.
    pub pids: Option<i64>,
    /// `0.1` CPUs kept free for it.
    pub reserve_cpus: Option<String>,
    /// `64m` kept free for it.
    pub reserve_memory: Option<String>,
}

/// Where tasks may run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// Swarm constraints: `node.labels.disk == ssd`.
    pub constraints: Vec<String>,
    /// Swarm spread preferences: `node.labels.zone`.
    pub spread: Vec<String>,
    /// Tasks on one node at most.
    pub max_per_node: Option<i64>,
}

/// How an update is rolled out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Update {
    /// `start-first`, or `stop-first`, which is the default and the only one where a volume is mounted.
    pub order: Option<String>,
    /// Tasks replaced at once: 1 if absent.
    pub parallelism: Option<i64>,
    /// Between two batches.
    pub delay: Option<String>,
    /// How long a new task must stay healthy before it counts, and the old one goes: `5s` if absent.
    pub monitor: Option<String>,
    /// The whole rollout must be done by then: `10m` if absent.
    pub deadline: Option<String>,
    /// How visitors come to a new version: `rolling` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
}

/// How visitors come to a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Strategy {
    /// Each old task goes when a new one is proven healthy.
    Rolling,
    /// All old tasks stop before the first new one starts.
    Recreate,
    /// All at once, with a way back for a while.
    BlueGreen {
        /// How long the old version is kept: `10m` if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<String>,
    },
    /// A growing share of them.
    Canary {
        /// The shares, in order.
        #[serde(default)]
        steps: Vec<Share>,
        /// Failed answers from which on it returns, in percent: 5 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_errors: Option<u8>,
        /// The time within which 95 of 100 answers must come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_latency: Option<String>,
    },
}

/// A share of the visitors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Percent.
    pub weight: u8,
    /// How long before the next; absent: until somebody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<String>,
}

/// What happens when a task ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Restart {
    /// `any` if absent, `on-failure`, or `none`.
    pub condition: Option<String>,
    /// Before the next start: `5s` if absent.
    pub delay: Option<String>,
    /// Starts at most, within `window`.
    pub max_attempts: Option<i64>,
    /// See `max_attempts`.
    pub window: Option<String>,
}
