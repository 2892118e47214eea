//! Routes: where the healthy tasks of the apps with domains are now, and what Traefik is told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
};

use skep_stack::{labels, trial};

use super::Trouble;
use crate::{
    db,
    deploy::{addresses::addresses, parts::Parts},
    domain::{
        app::Wanted,
        domain_name::{Domain, Hostname},
        host_pattern::HostPattern,
        id::{AppId, CertificateId, TeamId},
        instance::EDGE_PROOF,
        shift::Shift,
    },
    edge::{Certificate, EdgeInput, Options, Platform, Port, Route, Scheme, Servers, Trial},
};

/// So long the engine is waited for before what is known without it is told.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);

/// Looks at the swarm, stores the addresses that changed, and offers the edge what is true now.
///
/// # Errors
/// See [`Trouble`]. The engine's trouble leaves the addresses as they are, but domains and
/// certificates are still served.
pub async fn round(parts: &Parts) -> Result<(), Trouble> {
    let mut looking = std::pin::pin!(look(parts));
    // Without a leader the engine keeps who asks waiting: what changed here is told all the same.
    let looked = loop {
        match tokio::time::timeout(PATIENCE, &mut looking).await {
            Ok(looked) => break looked,
            Err(_) => offer(parts, &BTreeSet::new()).await?,
        }
    };
    let (looked, nobody) = match looked {
        Ok(nobody) => (Ok(()), nobody),
        Err(trouble) => (Err(trouble), BTreeSet::new()),
    };
    offer(parts, &nobody).await?;
    looked
}

/// Stores what changed; the services that are seen to have nobody who serves.
async fn look(parts: &Parts) -> Result<BTreeSet<String>, Trouble> {
    let tasks = parts.engine.tasks_labelled(labels::EDGE).await?;
    let now = addresses(&tasks);
    let mut tx = parts.db.read().await?;
    let apps: HashMap<String, AppId> =
        db::app::stands(&mut tx).await?.into_iter().map(|a| (a.stack, a.id)).collect();
    let mut stored: BTreeMap<AppId, Vec<(String, String)>> = BTreeMap::new();
    for route in db::domain_name::routes(&mut tx).await? {
        stored.entry(route.app_id).or_default().push((route.service, route.address));
    }
    drop(tx);
    let mut seen: BTreeMap<AppId, Vec<(String, String)>> = BTreeMap::new();
    for (service, address) in now.at {
        // A service is called as its stack, or by it and its own name.
        let app =
            apps.get(&service).or_else(|| service.split_once('_').and_then(|(stack, _)| apps.get(stack)));
        if let Some(app) = app {
            seen.entry(*app).or_default().push((service, address));
        }
    }
    // An app of which nothing is seen keeps its last addresses: an empty answer wipes nothing.
    for (app, addresses) in seen {
        if stored.get(&app) != Some(&addresses) {
            let mut tx = parts.db.write().await?;
            db::domain_name::publish(&mut tx, app, &addresses).await?;
            tx.commit().await?;
        }
    }
    Ok(now.nobody)
}

async fn offer(parts: &Parts, nobody: &BTreeSet<String>) -> Result<(), Trouble> {
    let mut tx = parts.db.read().await?;
    let domains = db::domain_name::all(&mut tx).await?;
    let public = db::port::all(&mut tx).await?;
    let stored = db::domain_name::routes(&mut tx).await?;
    let certificates = db::acme::all(&mut tx).await?;
    let brought = db::own_certificate::all(&mut tx).await?;
    let teams = if brought.is_empty() { Vec::new() } else { db::domain_name::teams(&mut tx).await? };
    let host = db::setting::get(&mut tx, "public_host").await?;
    let shifts: HashMap<AppId, Shift> =
        db::shift::all(&mut tx).await?.into_iter().map(|shift| (shift.app, shift)).collect();
    let wanted: HashMap<AppId, (String, Wanted)> = if domains.is_empty() && public.is_empty() {
        HashMap::new()
    } else {
        db::app::stands(&mut tx).await?.into_iter().map(|a| (a.id, (a.stack, a.wanted))).collect()
    };
    drop(tx);
    let mut by_app: HashMap<AppId, Vec<(String, String)>> = HashMap::new();
    for route in stored {
        by_app.entry(route.app_id).or_default().push((route.service, route.address));
    }
    let routes = domains
        .iter()
        .filter_map(|domain| {
            let known = by_app.get(&domain.app)?;
            let (stack, wanted) = wanted.get(&domain.app)?;
            let leaves = nobody.iter().any(|service| domain.leads_to(stack, service));
            let nobody = leaves || *wanted != Wanted::Running;
            let servers = if nobody { Servers::Nobody } else { Servers::At(servers(domain, known)) };
            let trial = shifts.get(&domain.app).filter(|_| *wanted == Wanted::Running);
            let trial = trial.and_then(|shift| tried(domain, stack, shift, known));
            Some(Route { trial, ..Route::of(domain, servers) })
        })
        .collect();
    let ports = public.iter().map(|port| {
        let runs = wanted.get(&port.app).is_some_and(|(_, wanted)| *wanted == Wanted::Running);
        let known = by_app.get(&port.app).filter(|_| runs);
        let leads = |stack: &str, service: &str| port.leads_to(stack, service);
        Port::of(port, at(known.map_or(&[], Vec::as_slice), port.port, leads))
    });
    let ports = ports.collect();
    let mut served = Vec::new();
    for certificate in certificates {
        let (Some(chain), Some(sealed)) = (certificate.chain, certificate.sealed_key) else { continue };
        match parts.seal.open_text("certificate", &sealed) {
            Ok(key) => {
                served.push(Certificate { id: certificate.id, hosts: vec![certificate.host], chain, key })
            }
            Err(error) => {
                tracing::error!(host = %certificate.host, %error, "The key for {} cannot be opened", certificate.host)
            }
        }
    }
    for own in brought {
        // A name in it that has become another team's must not be spoken for.
        let foreign = |(host, team): &&(HostPattern, TeamId)| {
            *team != own.team
                && own.names.iter().any(|name| name == host || (!name.is_wildcard() && host.covers(name)))
        };
        if let Some((host, _)) = teams.iter().find(foreign) {
            tracing::warn!(id = %own.id, %host, "A team's certificate is left out: it names {host}, which is another team's");
            continue;
        }
        match parts.seal.open_text("own certificate", &own.sealed_key) {
            Ok(key) => {
                let id = CertificateId::from_uuid(own.id.uuid());
                served.push(Certificate { id, hosts: own.names, chain: own.chain, key });
            }
            Err(error) => {
                tracing::error!(id = %own.id, %error, "The key of a team's certificate cannot be opened")
            }
        }
    }
    let platform = host.as_deref().and_then(|host| Hostname::parse(host).ok()).map(|host| Platform {
        scheme: if served.iter().any(|c| c.hosts.iter().any(|of| of.as_str() == host.as_str())) {
            Scheme::Https { redirect: true }
        } else {
            Scheme::Http
        },
        host,
    });
    let skep = url::Url::parse(&parts.instance.edge_callback).map_err(|e| Trouble::Other(e.to_string()))?;
    let proof = parts.instance.edge_proof().map(|proof| (EDGE_PROOF, proof));
    let options = Options { https_port: parts.instance.https_port, proof, ..Options::default() };
    let input = EdgeInput { skep: vec![skep], platform, routes, ports, certificates: served, options };
    let offered = parts.edge.offer(input, std::time::Instant::now());
    for left_out in offered.left_out {
        tracing::warn!(?left_out, "A route or certificate is left out");
    }
    Ok(())
}

/// Where the trial of what a domain leads to is.
fn tried(domain: &Domain, stack: &str, shift: &Shift, known: &[(String, String)]) -> Option<Trial> {
    let service = shift.services.iter().find(|service| domain.leads_to(stack, service))?;
    let name = trial::name(service);
    let mine = known.iter().filter(|(service, _)| *service == name);
    let servers = mine.filter_map(|(_, address)| Some(SocketAddr::new(address.parse().ok()?, domain.port)));
    Some(Trial { servers: servers.collect(), weight: shift.weight })
}

fn servers(domain: &Domain, known: &[(String, String)]) -> Vec<SocketAddr> {
    at(known, domain.port, |stack, service| domain.leads_to(stack, service))
}

/// The addresses of the services that are led to, with a port.
fn at(known: &[(String, String)], port: u16, leads: impl Fn(&str, &str) -> bool) -> Vec<SocketAddr> {
    known
        .iter()
        // A stack's name has no `_`.
        .filter(|(service, _)| leads(service.split('_').next().unwrap_or_default(), service))
        .filter_map(|(_, address)| Some(SocketAddr::new(address.parse().ok()?, port)))
        .collect()
}
