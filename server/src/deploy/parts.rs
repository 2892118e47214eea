//! All outside worlds of a running server, each behind its trait, handed down as one.

use std::sync::Arc;

use super::fault::FaultPoints;
use crate::{
    acme::{Issuer, Visitor, dns::Resolver},
    build::Builder,
    bus::Bus,
    db::Db,
    dns::{Dns, Look},
    domain::{clock::Clock, instance::Instance, seal::Seal},
    edge::Published,
    git::Git,
    sso::Voucher,
    stores::Stores,
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
    /// Secret stores.
    pub stores: Arc<dyn Stores>,
    /// DNS providers.
    pub dns: Arc<dyn Dns>,
    /// What names say in the DNS.
    pub look: Arc<dyn Look>,
    /// Images.
    pub builder: Arc<dyn Builder>,
    /// Certificates.
    pub issuer: Arc<dyn Issuer>,
    /// Where names are looked up.
    pub resolver: Arc<dyn Resolver>,
    /// Who looks for our own answer through a domain.
    pub visitor: Arc<dyn Visitor>,
    /// Identity providers.
    pub voucher: Arc<dyn Voucher>,
    /// What Traefik is told.
    pub edge: Arc<Published>,
    /// Hints.
    pub bus: Arc<dyn Bus>,
    /// Encryption at rest.
    pub seal: Seal,
    /// Settings of the instance.
    pub instance: Arc<Instance>,
    /// Where a test makes the server die.
    pub fault: FaultPoints,
    /// The static health probe, if this build has it.
    pub probe: Option<&'static [u8]>,
}
