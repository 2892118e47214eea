//! The labels by which Swarm's objects are known as ours. Only this crate writes them.

/// Docker's own stack label: its tools show our stacks as stacks.
pub const NAMESPACE: &str = "com.docker.stack.namespace";
/// The image text before pinning, as the docker CLI keeps it.
pub const IMAGE: &str = "com.docker.stack.image";
/// On every object of ours: the id of the app.
pub const APP: &str = "dev.skep.app";
/// On services: the number of the deployment that last wrote them. A worker never writes over a
/// higher one.
pub const DEPLOYMENT: &str = "dev.skep.deployment";
/// On services that routes lead to.
pub const EDGE: &str = "dev.skep.edge";
/// What users may not set: these and everything below them.
pub const RESERVED: [&str; 3] = ["com.docker.", "dev.skep.", "traefik."];
