//! Obtains or renews one certificate: is there room for an order, does the name lead here, may the CA
//! issue for it; then one order, and whatever comes of it is written down in words. What we have is
//! served on while a new one is not there.
//!
//! A wildcard, and who asks for it, is proved by the DNS (`answers.rs`), where there is nothing to look at
//! before; private names and hosts that another certificate serves need no order (`elsewhere.rs`).
//!
//! What a try comes to is decided by the pure functions of `acme::settle`; to add a step: a file named
//! by its verb, and its line in [`order`].

mod account;
mod answers;
mod ask;
mod case;
mod claim;
mod elsewhere;
mod look;
mod place;

use case::Case;

use crate::{
    acme::{
        AcmeError, Kind,
        budget::Want,
        check_wait, choice, patience,
        reach::Finding,
        settle::{self, Due},
    },
    bus::Hint,
    db::{self, certificate_order::Outcome},
    deploy::{parts::Parts, run::Stop},
    domain::{
        certificate::{Certificate, State},
        clock::Time,
        host_pattern::HostPattern,
    },
};

/// Does what is due for a host's certificate.
///
/// # Errors
/// [`Stop::Retry`] while the database does not answer.
pub(super) async fn run(parts: &Parts, host: &str) -> Result<(), Stop> {
    let Ok(host) = HostPattern::any(host) else { return Ok(()) };
    let Some(case) = Case::load(parts, &host).await? else { return Ok(()) };
    let due = settle::due(&case.row, parts.clock.now());
    if due == Due::Nothing {
        return Ok(());
    }
    let Some(case) = elsewhere::given(parts, case).await? else { return Ok(()) };
    match due {
        Due::Nothing => Ok(()),
        Due::Ask => ask::window(parts, &case.row).await,
        Due::Order(want) => order(parts, case, want).await,
    }
}

/// Places one order, unless there is no room for it, or the domain is not seen to lead to us and there
/// is patience left.
async fn order(parts: &Parts, case: Case, want: Want) -> Result<(), Stop> {
    let now = parts.clock.now();
    if case.entries.is_empty() {
        let rule =
            "the directory that certificates come from must be an https address: see SKEP_ACME_DIRECTORY";
        let (error, mut row) = (AcmeError::new(Kind::NotADirectory, rule), case.row);
        settle::failed(&mut row, &error, false, 1, false, now);
        return save(parts, &row).await;
    }
    // Asked first, as it costs nothing and nobody.
    let Some(entry) = claim::room(parts, &case, want).await? else { return Ok(()) };
    let answers = match answers::of(parts, &case).await? {
        Ok(answers) => answers,
        Err(why) => return put_off(parts, case.row, State::PendingDns, why, now).await,
    };
    let seen = match case.row.host.exact().filter(|_| !answers::by_dns(&case)) {
        Some(host) => look::through_the_domain(parts, &host).await,
        None => Finding::Reached,
    };
    if let Some((why, state, patience)) = doubt(&seen, number(case.row.failures))
        && number(case.row.checks) < patience
    {
        return put_off(parts, case.row, state, why.to_owned(), now).await;
    }
    if let Some(why) = look::objection(parts, &case.row.host, &entry.directory).await {
        return put_off(parts, case.row, State::PendingDns, why, now).await;
    }
    let Some(claim) = claim::claim(parts, &case, want).await? else { return Ok(()) };
    match place::order(parts, &case, &claim, &*answers).await {
        Ok(gained) => place::keep(parts, &case, &claim, gained).await,
        Err(error) => failed(parts, &case, &claim, &error, &seen).await,
    }
}

/// What speaks against an order for now, and how many looks it is waited for.
fn doubt(seen: &Finding, failures: u32) -> Option<(&str, State, u32)> {
    match seen {
        Finding::Reached | Finding::Unseen(_) => None,
        Finding::NotYet(why) => Some((why, State::Pending, patience(failures, false))),
        Finding::Elsewhere(why) => Some((why, State::PendingDns, patience(failures, true))),
    }
}

/// No order now: it is looked at again in seconds. The state of one that was asked for stays.
async fn put_off(
    parts: &Parts,
    mut row: Certificate,
    state: State,
    why: String,
    now: Time,
) -> Result<(), Stop> {
    if row.checks == 0 {
        tracing::info!(host = %row.host, why, "No certificate is asked for yet: {} is not seen to lead here", row.host);
    }
    row.checks += 1;
    // What the CA said last is not what stands in the way now.
    (row.plan.fault, row.plan.problem) = (None, None);
    row.state = match row.state {
        State::Issued | State::Failed => row.state,
        State::Ordering if row.is_valid(now) => State::Issued,
        _ => state,
    };
    row.reason = Some(why);
    row.next_try_at = now + check_wait(number(row.checks));
    save(parts, &row).await
}

/// The order is over without a certificate.
async fn failed(
    parts: &Parts,
    case: &Case,
    claim: &claim::Claim,
    error: &AcmeError,
    seen: &Finding,
) -> Result<(), Stop> {
    let (now, host) = (parts.clock.now(), &case.row.host);
    tracing::warn!(%host, %error, directory = %claim.entry.directory, "No certificate for {host}");
    let mut tx = parts.db.write().await?;
    let outcome = if error.kind.failed_validation() { Outcome::Invalid } else { Outcome::Failed };
    db::certificate_order::end(&mut tx, claim.id, outcome, now).await?;
    if error.problem.as_deref().is_some_and(|problem| problem.ends_with(":accountDoesNotExist")) {
        // The CA lost it, or was set up anew: the next try makes another.
        db::acme::forget_account(&mut tx, claim.entry.directory.as_str()).await?;
    }
    if let Some(mut row) = db::acme::by_host(&mut tx, host).await? {
        let over = choice::falls_over(&row, error, now);
        let foreseen = matches!(seen, Finding::NotYet(_) | Finding::Elsewhere(_));
        settle::failed(&mut row, error, over, case.entries.len(), foreseen, now);
        if let Finding::Unseen(note) | Finding::NotYet(note) | Finding::Elsewhere(note) = seen {
            row.reason = Some(format!("{error} (seen from here: {note})"));
        }
        db::acme::save(&mut tx, &row).await?;
    }
    tx.commit().await?;
    Ok(())
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
