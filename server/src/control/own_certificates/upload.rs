//! Takes a certificate that the team brings along.

use serde_json::json;

use super::{COUNT, object};
use crate::{
    acme::certificate::brought,
    bus::Hint,
    control::{
        Ctx, Error, audit,
        verified_domains::{Ownership, ownership},
    },
    db::{self, Tx},
    domain::{
        audit::{Action, Change},
        certificate::OwnCertificate,
        fault::{Fault, Wrong},
        host_pattern::HostPattern,
        id::OwnCertificateId,
        right::Right,
        secret::Secret,
    },
};

/// What was taken, and what is odd with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The certificate.
    pub certificate: OwnCertificate,
    /// What browsers may stumble over, for people.
    pub warnings: Vec<String>,
}

/// Checks and keeps a certificate with its key, both PEM. One of the same names is replaced.
///
/// # Errors
/// [`Error::Forbidden`]; every fault at once, at `chain` and `key` (case 97): it is none, has run out, is for
/// hosts that are not the team's, is weak, or the key is another one's.
pub async fn upload(cx: &Ctx, chain: &str, key: &Secret) -> Result<Uploaded, Error> {
    cx.allow_team(Right::Credentials)?;
    let given = brought(chain, key, cx.now()).map_err(Error::Invalid)?;
    let mut tx = cx.parts.db.write().await?;
    let foreign = foreign(cx, &mut tx, &given.names).await?;
    if !foreign.is_empty() {
        return Err(Error::Invalid(foreign));
    }
    let mine = db::own_certificate::list(&mut tx, cx.team()).await?;
    let mut before = None;
    for old in mine.iter().filter(|old| same(&old.names, &given.names)) {
        before = Some(old.not_after);
        db::own_certificate::remove(&mut tx, cx.team(), old.id).await?;
    }
    if before.is_none() && mine.len() >= COUNT {
        return Err(Error::conflict("quota", format!("a team brings along at most {COUNT} certificates")));
    }
    let certificate = OwnCertificate {
        id: OwnCertificateId::new(&*cx.parts.clock),
        team: cx.team(),
        names: given.names,
        issuer: given.facts.issuer,
        chain: chain.to_owned(),
        sealed_key: cx.parts.seal.seal(&*cx.parts.clock, "own certificate", key.expose().as_bytes()),
        not_before: given.facts.not_before,
        not_after: given.facts.not_after,
        created_at: cx.now(),
    };
    db::own_certificate::insert(&mut tx, &certificate).await?;
    for (host, team) in db::domain_name::teams(&mut tx).await? {
        if team == cx.team() && certificate.covers(&host) {
            db::acme::look_again(&mut tx, &host, cx.now()).await?;
        }
    }
    let change = Change::of(&json!({"not_after": before}), &json!({"not_after": certificate.not_after}));
    audit::record(cx, &mut tx, Action::CertificateUpload, object(&certificate), change).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(Uploaded { certificate, warnings: given.warnings })
}

fn same(a: &[HostPattern], b: &[HostPattern]) -> bool {
    a.len() == b.len() && a.iter().all(|name| b.contains(name))
}

/// A fault for each name that is not the team's: no app of theirs has it, and they have not proved it.
async fn foreign(cx: &Ctx, tx: &mut Tx, names: &[HostPattern]) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    for name in names {
        let holder = db::domain_name::place(tx, name).await?.map(|(team, _)| team);
        let ours = match holder {
            Some(team) => team == cx.team(),
            None => ownership(tx, name, cx.team()).await? == Ownership::Ours,
        };
        if !ours {
            let rule = format!(
                "must be for hosts of the team, and names {name}: give it to an app as a domain, or prove that the domain is yours"
            );
            faults.push(Wrong::coded("wrong_host", rule).at("chain"));
        }
    }
    Ok(faults)
}
