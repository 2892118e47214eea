//! Looks before an order is spent: does the name lead here, and may the CA issue for it?

use crate::{
    acme::{
        Challenges as _, Directory, caa,
        reach::{Eyes, Finding},
    },
    deploy::parts::Parts,
    domain::{
        domain_name::Hostname,
        host_pattern::HostPattern,
        outbound::{Outbound, ranges},
    },
    jobs::challenges::Stored,
};

/// Looks for an answer of our own through the domain, as the CA will.
pub(super) async fn through_the_domain(parts: &Parts, host: &Hostname) -> Finding {
    let (token, answer) = (parts.clock.token(), parts.clock.token());
    let challenges = Stored(parts.clone());
    let expires = parts.clock.now() + chrono::Duration::minutes(5);
    if let Err(why) = challenges.put(&token, &answer, &host.clone().into(), expires).await {
        return Finding::Unseen(why);
    }
    let outbound = Outbound::new(ranges(&parts.instance.allow_addresses));
    let eyes = Eyes {
        resolver: &*parts.resolver,
        visitor: &*parts.visitor,
        ours: &parts.instance.public_addresses,
        outbound: &outbound,
        private_ca: parts.instance.acme_ca.is_some(),
    };
    let seen = eyes.look(host, &token, &answer).await;
    // One that stays is swept when it is over.
    drop(challenges.remove(&token).await);
    seen
}

/// What the name's CAA records have against the CA. A private CA may know names that this machine's
/// DNS does not; one that does not answer now says so when it is asked for the order.
pub(super) async fn objection(parts: &Parts, host: &HostPattern, directory: &Directory) -> Option<String> {
    if parts.instance.acme_ca.is_some() {
        return None;
    }
    let meta = parts.issuer.meta(directory).await.ok()?;
    caa::objection(&*parts.resolver, host, &meta.caa_identities).await
}
