//! Places the order, and keeps what came of it.

use super::{account::account, case::Case, claim::Claim};
use crate::{
    acme::{
        AcmeError, Challenges, Issued, Window, Wish, certificate,
        settle::{self, Gained},
    },
    bus::Hint,
    db::{self, certificate_order::Outcome},
    deploy::{parts::Parts, run::Stop},
};

/// What came, with what the CA says of its renewal.
pub(super) struct Came {
    issued: Issued,
    window: Result<Option<Window>, ()>,
}

/// One order.
pub(super) async fn order(
    parts: &Parts,
    case: &Case,
    claim: &Claim,
    answers: &dyn Challenges,
) -> Result<Came, AcmeError> {
    let entry = &claim.entry;
    let account = account(parts, case, &entry.directory).await?;
    let replaces = case.row.chain.clone().filter(|_| claim.replaces);
    let wish = Wish { key: entry.key, profile: entry.profile.clone(), replaces };
    let issued = parts.issuer.issue(&account, &case.row.host, &wish, answers).await?;
    let window = parts.issuer.window(&entry.directory, &issued.chain).await.map_err(|_| ());
    Ok(Came { issued, window })
}

/// Keeps the certificate; it is served within seconds.
pub(super) async fn keep(parts: &Parts, case: &Case, claim: &Claim, came: Came) -> Result<(), Stop> {
    let (now, host) = (parts.clock.now(), &case.row.host);
    let Came { issued, window } = came;
    let gained = Gained {
        directory: claim.entry.directory.clone(),
        not_before: issued.not_before,
        not_after: issued.not_after,
        issuer: certificate::read(&issued.chain).map(|facts| facts.issuer).unwrap_or_default(),
    };
    let mut tx = parts.db.write().await?;
    db::certificate_order::end(&mut tx, claim.id, Outcome::Issued, now).await?;
    if let Some(mut row) = db::acme::by_host(&mut tx, host).await? {
        let random = parts.clock.random();
        settle::issued(&mut row, gained, window.as_ref().ok().and_then(Option::as_ref), random, now);
        if window.is_err() {
            settle::asked(&mut row, Err(()), random, now);
        }
        row.sealed_key = Some(parts.seal.seal(&*parts.clock, "certificate", issued.key.expose().as_bytes()));
        row.chain = Some(issued.chain);
        db::acme::save(&mut tx, &row).await?;
    }
    tx.commit().await?;
    tracing::info!(%host, "There is a new certificate for {host}");
    parts.bus.publish(Hint::Edge).await;
    Ok(())
}
