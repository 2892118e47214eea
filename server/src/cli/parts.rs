//! Puts the real parts together. Nothing is connected here but the database: the engine, Redis
//! and all others are reached when they are first needed.

use std::sync::Arc;

use crate::{
    acme::{AcmeIssuer, HttpVisitor, dns::SystemResolver},
    build::DockerBuilder,
    bus::{Bus, local::LocalBus, redis::RedisBus},
    config::Config,
    db::Db,
    deploy::{
        fault::{FaultAt, FaultPoints},
        parts::Parts,
    },
    dns,
    domain::{
        clock::SystemClock,
        outbound::{Outbound, ranges},
        seal::Seal,
    },
    edge::Published,
    git::{GitHome, cli::GitCli},
    sso,
    stores::Outside,
    swarm::{DockerEngine, address::Address, probe},
};

/// All parts of a running server.
///
/// # Errors
/// What cannot be made, for people.
pub(super) fn assemble(config: Config, db: Db, seal: Seal) -> Result<Parts, String> {
    let clock = Arc::new(SystemClock);
    let instance = Arc::new(config.instance);
    let address = Address::parse(&config.docker_host).map_err(|wrong| format!("DOCKER_HOST: {wrong}"))?;
    let engine = Arc::new(DockerEngine::new(address));
    let outbound = Outbound::new(ranges(&instance.allow_addresses));
    let voucher = Arc::new(sso::Client::new(outbound.clone()));
    let git = GitCli::new(GitHome(instance.data.join("git")), outbound.clone(), instance.git_allow_http)
        .map_err(|error| format!("the folder for repositories cannot be made: {error}"))?;
    let issuer = AcmeIssuer::new(clock.clone(), instance.acme_ca.as_deref())
        .map_err(|error| format!("SKEP_ACME_CA_FILE: {error}"))?;
    let bus: Arc<dyn Bus> = match &config.redis {
        Some(url) => {
            Arc::new(RedisBus::new(url.expose()).map_err(|_| "REDIS_URL: is not understood".to_owned())?)
        }
        None => Arc::new(LocalBus::default()),
    };
    Ok(Parts {
        db,
        clock: clock.clone(),
        builder: Arc::new(DockerBuilder::new(engine.clone(), clock.clone(), instance.builds)),
        engine,
        git: Arc::new(git),
        stores: Arc::new(Outside::new(outbound.clone(), clock.clone())),
        dns: Arc::new(dns::Outside::new(outbound.clone(), clock.clone())),
        look: Arc::new(dns::SystemLook::new(outbound)),
        issuer: Arc::new(issuer),
        resolver: Arc::new(SystemResolver::default()),
        visitor: Arc::new(HttpVisitor::default()),
        voucher,
        edge: Arc::new(Published::new()),
        bus,
        seal,
        instance,
        fault: fault()?,
        probe: probe::bytes(),
    })
}

/// Where a test wants this process to be killed: `SKEP_FAULT=apply:worked`.
fn fault() -> Result<FaultPoints, String> {
    match std::env::var("SKEP_FAULT") {
        Ok(at) if !at.is_empty() => {
            let at: FaultAt = at.parse().map_err(|why| format!("SKEP_FAULT: {why}"))?;
            tracing::warn!(?at, "SKEP_FAULT is set: this process kills itself there");
            Ok(FaultPoints::kill_at(at))
        }
        _ => Ok(FaultPoints::default()),
    }
}
