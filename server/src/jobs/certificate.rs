//! Obtains or renews one certificate: first a look through the domain for an answer of our own,
//! then one order, and whatever comes of either is written down in words. What we have is served
//! on while a new one is not there.
//!
//! A wildcard, and who asks for it, is proved by the DNS, where there is nothing to look at before. A private
//! name gets its certificate from the instance's own authority (`internal`), and a host that another
//! certificate serves gets none (`covered`).

use super::{
    challenges::Stored,
    covered::{self, Cover},
    dns_answers::{self, DnsAnswers},
    internal,
};
use crate::{
    acme::{
        Account, AcmeError, Challenges, Directory, Kind, backoff, caa, check_wait, patience,
        reach::{Eyes, Finding},
        renew_at,
    },
    bus::Hint,
    db,
    deploy::{dns_record, parts::Parts, run::Stop},
    domain::{
        certificate::{Certificate, Challenge, Kind as Giver, State},
        clock::Time,
        domain_name::Hostname,
        host_pattern::HostPattern,
        name::Email,
        outbound::{Outbound, ranges},
    },
};

/// Places one order, unless the certificate is not due any more, or the domain is not seen to lead
/// to us and there is patience left.
///
/// # Errors
/// [`Stop::Retry`] while the database does not answer.
pub(super) async fn run(parts: &Parts, host: &str) -> Result<(), Stop> {
    let Ok(host) = HostPattern::any(host) else { return Ok(()) };
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let Some(mut row) = db::acme::by_host(&mut tx, &host).await? else { return Ok(()) };
    let email = db::setting::get(&mut tx, "acme_email").await?;
    let directory = db::setting::get(&mut tx, "acme_directory").await?;
    if row.next_try_at > now {
        return Ok(());
    }
    let place = db::domain_name::place(&mut tx, &host).await?;
    if let Some((team, _)) = place {
        match covered::of(&mut tx, &host, team, now).await? {
            Some(Cover::By(what, until)) => {
                drop(tx);
                return cover(parts, row, &what, until, now).await;
            }
            Some(Cover::Perhaps(what)) if row.chain.is_none() => {
                drop(tx);
                return put_off(parts, row, State::Pending, format!("waits for {what}"), now).await;
            }
            _ => {}
        }
    }
    drop(tx);
    if row.kind == Giver::Internal {
        return internal::issue(parts, row, now).await;
    }
    row.directory = directory.unwrap_or_else(|| parts.instance.acme_directory.clone());
    let by_dns = host.is_wildcard() || row.challenge == Challenge::Dns;
    let answers: Box<dyn Challenges> = if by_dns {
        let found = match place {
            Some((team, environment)) => {
                dns_record::provider_for(parts, team, environment, &dns_answers::name(&host)).await?
            }
            None => None,
        };
        let Some((provider, target)) = found else {
            let why = format!(
                "no DNS provider of the team is for {}: add one, as its certificate is proved by a record there",
                host.base()
            );
            return put_off(parts, row, State::PendingDns, why, now).await;
        };
        Box::new(DnsAnswers::new(parts.clone(), provider, target))
    } else {
        Box::new(Stored(parts.clone()))
    };
    let seen = match host.exact().filter(|_| !by_dns) {
        Some(name) => look(parts, &name).await,
        None => Finding::Reached,
    };
    let failures = number(row.failures);
    let doubt = match &seen {
        Finding::Reached | Finding::Unseen(_) => None,
        Finding::NotYet(why) => Some((why, State::Pending, patience(failures, false))),
        Finding::Elsewhere(why) => Some((why, State::PendingDns, patience(failures, true))),
    };
    if let Some((why, state, patience)) = doubt
        && number(row.checks) < patience
    {
        if row.checks == 0 {
            tracing::info!(%host, why, "No certificate is asked for yet: {host} is not seen to lead here");
        }
        return put_off(parts, row, state, why.clone(), now).await;
    }
    if let Some(why) = objection(parts, &row).await {
        return put_off(parts, row, State::PendingDns, why, now).await;
    }
    row.checks = 0;
    row.tried_at = Some(now);
    let email = email.or_else(|| parts.instance.acme_email.clone()).and_then(|text| Email::parse(&text).ok());
    match order(parts, &row, email.as_ref(), &*answers).await {
        Ok(issued) => {
            row.state = State::Issued;
            row.reason = None;
            row.failures = 0;
            row.next_try_at = renew_at(issued.not_before, issued.not_after);
            row.not_before = Some(issued.not_before);
            row.not_after = Some(issued.not_after);
            row.chain = Some(issued.chain);
            row.sealed_key =
                Some(parts.seal.seal(&*parts.clock, "certificate", issued.key.expose().as_bytes()));
            tracing::info!(%host, "There is a new certificate for {host}");
        }
        Err(error) => {
            row.failures += 1;
            row.state = State::Failed;
            // What we had seen coming we go on looking at: that costs the CA nothing, and ends the
            // wait for the next order as soon as it is mended.
            let foreseen = matches!(seen, Finding::NotYet(_) | Finding::Elsewhere(_));
            let wait = if foreseen && error.kind.failed_validation() { 1 } else { number(row.failures) };
            row.next_try_at = backoff(wait, error.retry_after, now);
            tracing::warn!(%host, %error, "No certificate for {host}");
            row.reason = Some(match seen {
                Finding::Reached => error.to_string(),
                Finding::Unseen(note) | Finding::NotYet(note) | Finding::Elsewhere(note) => {
                    format!("{error} (seen from here: {note})")
                }
            });
        }
    }
    save(parts, &row).await
}

/// No order now: it is looked at again in seconds. The state of one that was asked for stays.
async fn put_off(
    parts: &Parts,
    mut row: Certificate,
    state: State,
    why: String,
    now: Time,
) -> Result<(), Stop> {
    row.checks += 1;
    row.state = match row.state {
        State::Issued | State::Failed => row.state,
        State::Pending | State::PendingDns | State::Covered => state,
    };
    row.reason = Some(why);
    row.next_try_at = now + check_wait(number(row.checks));
    save(parts, &row).await
}

/// Another certificate serves the host: its own goes, as Traefik would take it even after its end.
async fn cover(parts: &Parts, mut row: Certificate, what: &str, until: Time, now: Time) -> Result<(), Stop> {
    tracing::info!(host = %row.host, what, "No certificate is asked for: {} is served by {what}", row.host);
    row.state = State::Covered;
    row.reason = Some(format!("served by {what}"));
    row.chain = None;
    row.sealed_key = None;
    row.not_before = None;
    row.not_after = Some(until);
    row.failures = 0;
    row.checks = 0;
    // Looked at again before that one ends, and each day, as it may be gone.
    row.next_try_at = until.min(now + chrono::Duration::days(1));
    save(parts, &row).await
}

fn number(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Writes the row down, and tells the edge.
pub(super) async fn save(parts: &Parts, row: &Certificate) -> Result<(), Stop> {
    let mut tx = parts.db.write().await?;
    db::acme::save(&mut tx, row).await?;
    tx.commit().await?;
    parts.bus.publish(Hint::Edge).await;
    Ok(())
}

/// Looks for an answer of our own through the domain, as the CA will.
async fn look(parts: &Parts, host: &Hostname) -> Finding {
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
async fn objection(parts: &Parts, row: &Certificate) -> Option<String> {
    if parts.instance.acme_ca.is_some() {
        return None;
    }
    let directory = Directory::parse(&row.directory).ok()?;
    let meta = parts.issuer.meta(&directory).await.ok()?;
    caa::objection(&*parts.resolver, &row.host, &meta.caa_identities).await
}

async fn order(
    parts: &Parts,
    row: &Certificate,
    email: Option<&Email>,
    answers: &dyn Challenges,
) -> Result<crate::acme::Issued, AcmeError> {
    let directory =
        Directory::parse(&row.directory).map_err(|wrong| ours(Kind::NotADirectory, wrong.message))?;
    let account = account(parts, &directory, email).await?;
    parts.issuer.issue(&account, &row.host, answers).await
}

/// The account at a directory: made at the first order, kept sealed.
async fn account(parts: &Parts, directory: &Directory, email: Option<&Email>) -> Result<Account, AcmeError> {
    let database = |e: db::DbError| ours(Kind::Account, format!("the database does not answer: {e}"));
    let mut tx = parts.db.read().await.map_err(database)?;
    let known = db::acme::account(&mut tx, directory.as_str()).await.map_err(database)?;
    drop(tx);
    if let Some(sealed) = known {
        let text =
            parts.seal.open_text("acme account", &sealed).map_err(|e| ours(Kind::Account, e.to_string()))?;
        return Ok(Account(text));
    }
    let account = parts.issuer.register(directory, email).await?;
    let sealed = parts.seal.seal(&*parts.clock, "acme account", account.0.expose().as_bytes());
    let mut tx = parts.db.write().await.map_err(database)?;
    db::acme::put_account(&mut tx, directory.as_str(), email.map(Email::as_str), &sealed, parts.clock.now())
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(account)
}

/// An error that is no CA's.
const fn ours(kind: Kind, message: String) -> AcmeError {
    AcmeError { kind, message, problem: None, retry_after: None }
}
