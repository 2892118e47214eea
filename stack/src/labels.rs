//! The labels by which Swarm's objects are known as ours. Only this crate writes them.
//!
//! To add one: a constant below `dev.skep.`, so that users cannot set it.

use std::collections::HashMap;

/// Docker's own stack label: its tools show our stacks as stacks.
pub const NAMESPACE: &str = "com.docker.stack.namespace";
/// The image text before pinning, as the docker CLI keeps it.
pub const IMAGE: &str = "com.docker.stack.image";
/// On every object of ours: the id of the app.
pub const APP: &str = "dev.skep.app";
/// On services: the number of the deployment that last wrote them. A worker never writes over a
/// higher one.
pub const DEPLOYMENT: &str = "dev.skep.deployment";
/// On containers that are replaced with those of a service that they need: its fingerprint.
pub const AFTER: &str = "dev.skep.after";
/// On services whose source says how long their tasks are held before they stop: `5s`.
pub const DRAIN: &str = "dev.skep.drain";
/// On services that routes lead to.
pub const EDGE: &str = "dev.skep.edge";
/// On services: a fingerprint of the health check. The engine answers with `Healthcheck` where its
/// API's description (and so the types made from it) say `HealthCheck`: a client that reads by the
/// description does not see it, and the plan compares this instead.
pub const HEALTH: &str = "dev.skep.health";
/// On services that are scaled or stopped: the tasks that their source asks for.
pub const REPLICAS: &str = "dev.skep.replicas";
/// On services whose file says whether one task writes alone: `true` or `false`.
pub const SINGLE_WRITER: &str = "dev.skep.single-writer";
/// On services that are a trial of a new version: the name of the service that they are beside.
pub const TRIAL: &str = "dev.skep.trial";
/// On services that Skep gave an address of their own: those of the docker CLI's, which go on as they
/// run, do not have it.
pub const VIP: &str = "dev.skep.vip";
/// What users may not set: these and everything below them.
pub const RESERVED: [&str; 3] = ["com.docker.", "dev.skep.", "traefik."];

/// Whether users may not set this label, in whatever case it is written.
#[must_use]
pub fn reserved(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    RESERVED.iter().any(|prefix| key.starts_with(prefix) || key == prefix.trim_end_matches('.'))
}

/// The labels that every object of a stack carries.
pub(crate) fn owned(stack: &str, app: &str) -> HashMap<String, String> {
    HashMap::from([(NAMESPACE.to_owned(), stack.to_owned()), (APP.to_owned(), app.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_064_reserved_labels_in_any_case() {
        for key in [
            "traefik.enable",
            "Traefik.HTTP.routers.x",
            "com.docker.stack.namespace",
            "DEV.SKEP.app",
            "traefik",
            " traefik.x",
        ] {
            assert!(reserved(key), "{key}");
        }
        for key in ["org.example.traefik", "com.dockerish", "skep", "traefikish"] {
            assert!(!reserved(key), "{key}");
        }
    }
}
