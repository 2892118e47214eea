//! All outside worlds of a running server, each behind its trait, handed down as one.

use std::sync::Arc;

use crate::{
    build::Builder,
    bus::Bus,
    db::Db,
    domain::{clock::Clock, instance::Instance, seal::Seal},
    git::Git,
    swarm::Engine,
};

/// What the pipeline, the jobs, the reconcilers and the commands work with.
#[derive(Clone)]
pub struct Parts {
    /// What is remembered.
    pub db: Db,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// The swarm.
    pub engine: Arc<dyn Engine>,
    /// Repositories.
    pub git: Arc<dyn Git>,
    /// Images.
    pub builder: Arc<dyn Builder>,
    /// Hints.
    pub bus: Arc<dyn Bus>,
    /// Encryption at rest.
    pub seal: Seal,
    /// Settings of the instance.
    pub instance: Arc<Instance>,
    /// The static health probe, if this build has it.
    pub probe: Option<&'static [u8]>,
}
