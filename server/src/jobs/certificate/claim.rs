//! Takes a place within a CA's limits: counted and written down in one transaction, so that all
//! replicas together keep to them.

use super::case::Case;
use crate::{
    acme::{
        budget::{self, Want},
        choice::{self, Entry},
        registered, settle,
    },
    db::{self, DbError, Tx, certificate_order as orders},
    deploy::parts::Parts,
    domain::{certificate::Certificate, id::OrderId},
};

/// An order that may be placed.
pub(super) struct Claim {
    /// The order.
    pub id: OrderId,
    /// Where.
    pub entry: Entry,
    /// It takes the place of what the same CA gave.
    pub replaces: bool,
}

/// The directory that has room now; without, the certificate waits, and says until when.
pub(super) async fn room(parts: &Parts, case: &Case, want: Want) -> Result<Option<Entry>, DbError> {
    let mut tx = parts.db.read().await?;
    let found = find(parts, &mut tx, case, &case.row, want).await?;
    drop(tx);
    if found.is_ok() {
        return Ok(found.ok());
    }
    let mut tx = parts.db.write().await?;
    if let Some(row) = db::acme::by_host(&mut tx, &case.row.host).await? {
        // Between the two somebody may have left room: then the next look finds it.
        wait(parts, &mut tx, case, row, want).await?;
    }
    tx.commit().await?;
    Ok(None)
}

/// Takes the place, and writes down that an order is on its way. Nothing if another one was quicker.
pub(super) async fn claim(parts: &Parts, case: &Case, want: Want) -> Result<Option<Claim>, DbError> {
    let now = parts.clock.now();
    let mut tx = parts.db.write().await?;
    // In one order for all, so that nobody waits for who waits for them.
    let mut directories: Vec<_> = case.entries.iter().map(|entry| &entry.directory).collect();
    directories.sort_unstable_by_key(|directory| directory.as_str());
    for directory in directories {
        orders::hold(&mut tx, directory, now).await?;
    }
    let Some(mut row) = db::acme::by_host(&mut tx, &case.row.host).await? else { return Ok(None) };
    if row.next_try_at > now {
        return Ok(None);
    }
    let Ok(entry) = find(parts, &mut tx, case, &row, want).await? else {
        wait(parts, &mut tx, case, row, want).await?;
        tx.commit().await?;
        return Ok(None);
    };
    let replaces = row.is_valid(now) && row.directory == entry.directory.as_str();
    let order = orders::Order {
        id: OrderId::new(&*parts.clock),
        directory: &entry.directory,
        host: &row.host,
        registered: registered(&row.host),
        exempt: choice::want_at(&entry, &row, want) == Want::InWindow,
        placed_at: now,
    };
    orders::place(&mut tx, &order).await?;
    let claim = Claim { id: order.id, entry: entry.clone(), replaces };
    settle::ordering(&mut row, &entry.directory, now);
    db::acme::save(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(Some(claim))
}

type Found = Result<Entry, Option<(Entry, budget::Spent)>>;

async fn find(
    parts: &Parts,
    tx: &mut Tx,
    case: &Case,
    row: &Certificate,
    want: Want,
) -> Result<Found, DbError> {
    let now = parts.clock.now();
    let mut rooms = Vec::new();
    for entry in choice::turns(&case.entries, row) {
        let recent =
            orders::recent(tx, &entry.directory, &row.host, registered(&row.host), &entry.limits, now)
                .await?;
        rooms.push((entry, budget::room(&entry.limits, &recent, choice::want_at(entry, row, want), now)));
    }
    let found = choice::pick(rooms, choice::patience(row, now));
    Ok(found.cloned().map_err(|waits| waits.map(|(entry, spent)| (entry.clone(), spent))))
}

async fn wait(
    parts: &Parts,
    tx: &mut Tx,
    case: &Case,
    mut row: Certificate,
    want: Want,
) -> Result<(), DbError> {
    let now = parts.clock.now();
    let Err(Some((entry, spent))) = find(parts, tx, case, &row, want).await? else { return Ok(()) };
    let domain = registered(&row.host).to_owned();
    let line = spent.line(entry.directory.as_str(), &domain, row.host.as_str());
    let last = db::acme::last_in_line(tx, &line).await?;
    let stood = row.plan.waits_for.as_ref() == Some(&line);
    let until = budget::turn(&spent, last, stood, want, parts.clock.random());
    let why = format!("{} at {}", spent.words(&entry.limits, &domain), entry.name);
    tracing::info!(host = %row.host, why, %until, "The order for {} waits", row.host);
    settle::waits(&mut row, &spent, why, line, until.max(now));
    db::acme::save(tx, &row).await
}
