//! Where answers to challenges are laid for a host: with us, or in its DNS.

use super::case::Case;
use crate::{
    acme::Challenges,
    deploy::{dns_record, parts::Parts, run::Stop},
    domain::certificate::Challenge,
    jobs::{challenges::Stored, dns_answers::DnsAnswers},
};

/// Where they are laid; why they cannot be.
pub(super) async fn of(parts: &Parts, case: &Case) -> Result<Result<Box<dyn Challenges>, String>, Stop> {
    if !by_dns(case) {
        return Ok(Ok(Box::new(Stored(parts.clone()))));
    }
    let name = case.row.host.challenge_name();
    let found = match case.place {
        Some((team, environment)) => dns_record::provider_for(parts, team, environment, &name).await?,
        None => None,
    };
    let Some((provider, target)) = found else {
        return Ok(Err(format!(
            "no DNS provider of the team is for {}: add one, as its certificate is proved by a record there",
            case.row.host.base()
        )));
    };
    Ok(Ok(Box::new(DnsAnswers::new(parts.clone(), provider, target))))
}

/// Whether the host is proved by its DNS: then there is nothing to look at before.
pub(super) fn by_dns(case: &Case) -> bool {
    case.row.host.is_wildcard() || case.row.challenge == Challenge::Dns
}
