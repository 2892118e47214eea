//! The settings of a single-image app, and their way to a stack.
//!
//! Settings are what a user writes (human units, defaults left out); every field is checked
//! by [`to_stack`], which tells all faults at once. To add a setting: a field here with its
//! default in its docstring, and its way to Swarm in the file of its kind below `app/`.

pub(crate) mod convert;
mod env;
pub(crate) mod health;
mod health_form;
pub(crate) mod limits;
pub(crate) mod mounts;
mod networks;
mod placement;
mod ports;
pub(crate) mod process;
pub(crate) mod range;
#[cfg(test)]
pub(crate) mod sample;
pub mod strategy;
pub(crate) mod update;

use std::collections::BTreeMap;

use bollard_stubs::models::EndpointSpecModeEnum;
use serde::{Deserialize, Serialize};

use self::strategy::Strategy;
pub use self::{convert::to_stack, update::deadline};
use crate::{vip::Vip, writer::Words};

/// How an app runs. Everything has a default; `{}` is a valid setting.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The port on which the app listens; set as `PORT` too, unless that variable is given.
    pub port: Option<u16>,
    /// Copies; 1 if absent.
    pub replicas: Option<u64>,
    /// Copies of single services of a Compose app, by their names in the file; as the file says if absent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
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
    /// How long a task that visitors are led to serves on before it is asked to stop, while the edge
    /// lets go of it: `5s` if absent, `0s` for not at all. The stop grace comes after it.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// Variables without which the app is not deployed: each must be set, and not be empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
}

/// How to know that an app is healthy. The old version serves until this holds for
/// [`Update::monitor`] without a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "health_form::Form")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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

impl Settings {
    /// Whether a volume is mounted.
    #[must_use]
    pub fn has_volume(&self) -> bool {
        self.mounts.iter().any(|mount| matches!(mount, Mount::Volume { .. }))
    }

    /// Whether a volume is mounted that the app may write to: one task alone may, see [`ONE_WRITER`].
    #[must_use]
    pub fn writes_volume(&self) -> bool {
        self.mounts.iter().any(|mount| matches!(mount, Mount::Volume { read_only: false, .. }))
    }
}

/// The rule of replicas of an app that writes to a volume.
pub const ONE_WRITER: &str = "must be 1: one task alone may write to the app's volume; mount it read-only, or write a Compose file, whose `x-skep: {single_writer: false}` says that several may";

/// Something mounted into the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Placement {
    /// Swarm constraints: `node.labels.disk == ssd`.
    pub constraints: Vec<String>,
    /// Swarm spread preferences: `node.labels.zone`.
    pub spread: Vec<String>,
    /// Tasks on one node at most.
    pub max_per_node: Option<i64>,
}

/// How an update is rolled out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
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

/// What happens when a task ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
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

/// All that is known when an app's stack is made.
#[derive(Debug, Clone)]
pub struct AppSpec<'a> {
    /// The stack's name: also the service's, as an app has one service.
    pub stack: &'a str,
    /// The app's id, for the labels.
    pub app: &'a str,
    /// The app's own name: its alias on the environment's network.
    pub alias: &'a str,
    /// The deployment's number, for the labels.
    pub deployment: i64,
    /// The image, pinned.
    pub image: &'a str,
    /// The image's own health check (`Config.Healthcheck.Test`), for [`Check::Image`] and as the
    /// default before the TCP probe.
    pub image_health: Option<&'a [String]>,
    /// What the image runs, if it is known.
    pub image_words: Option<&'a Words>,
    /// Variables, resolved.
    pub env: &'a BTreeMap<String, String>,
    /// How it runs.
    pub settings: &'a Settings,
    /// The environment's overlay network.
    pub network: &'a str,
    /// The edge's overlay network, if a domain leads to the app.
    pub edge: Option<&'a str>,
    /// The node where the app's volumes are, if they exist.
    pub volume_node: Option<&'a str>,
    /// The static probe's bytes, mounted as a config where the check needs it.
    pub probe: Option<&'a [u8]>,
    /// Whether the service may have an address of its own.
    pub vip: Vip,
    /// How it is found now, if it runs.
    pub running: Option<EndpointSpecModeEnum>,
    /// Tasks to run: the settings' replicas.
    pub replicas: u64,
    /// Constraints that the cluster adds: workers only, once there is one.
    pub constraints: &'a [String],
}
