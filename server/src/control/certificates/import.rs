//! Takes certificates over from the store of a Traefik (`acme.json`), for hosts that are domains here
//! already: what was served goes on being served, and is renewed by our own schedule. Accounts are not
//! taken: a new one costs nothing.

use chrono::Duration;
use serde::Serialize;
use serde_json::json;

use super::{
    super::{Ctx, Error, audit},
    is_platform,
};
use crate::{
    acme::{
        Directory, certificate,
        settle::{self, Gained},
        stored::{self, Stored},
    },
    bus::Hint,
    db::{self, Tx},
    domain::{
        audit::{Action, Change, Object},
        certificate::Certificate,
        clock::Time,
        fault::Wrong,
        host_pattern::HostPattern,
        right::{Place, Right},
        secret::Secret,
    },
};

/// What becomes of a certificate of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is taken.
    Taken,
    /// What is here is valid as long or longer.
    Kept,
    /// The host is no domain here with HTTPS that you may configure.
    NoDomain,
    /// It cannot be used; see the reason.
    Unfit,
}

/// A certificate of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its host, as the file has it.
    pub host: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Why not, if it is not taken.
    pub reason: Option<String>,
    /// Valid until, if it can be read.
    pub not_after: Option<Time>,
}

/// What an import would do.
///
/// # Errors
/// The text is no such file; [`Error::Forbidden`].
pub async fn preview(cx: &Ctx, text: &Secret) -> Result<Vec<Found>, Error> {
    cx.allow_somewhere(Right::Configure)?;
    let stored = read(text)?;
    let mut tx = cx.parts.db.read().await?;
    let mut all = Vec::new();
    for one in &stored {
        all.push(judge(cx, &mut tx, one).await?.0);
    }
    Ok(all)
}

/// Takes what can be taken.
///
/// # Errors
/// As [`preview`].
pub async fn import(cx: &Ctx, text: &Secret) -> Result<Vec<Found>, Error> {
    cx.allow_somewhere(Right::Configure)?;
    let stored = read(text)?;
    let mut tx = cx.parts.db.write().await?;
    let (mut all, mut hosts) = (Vec::new(), Vec::new());
    for one in &stored {
        let (found, row) = judge(cx, &mut tx, one).await?;
        if let Some(row) = row {
            keep(cx, &mut tx, one, row).await?;
            hosts.push(found.host.clone());
        }
        all.push(found);
    }
    let told = json!({ "hosts": (!hosts.is_empty()).then(|| hosts.join(", ")) });
    let object = Object::new("certificate", "", "acme.json");
    audit::record(cx, &mut tx, Action::CertificateImport, object, Change::made(&told)).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(all)
}

fn read(text: &Secret) -> Result<Vec<Stored>, Error> {
    stored::read(text).map_err(|wrong: Wrong| Error::wrong("text", wrong))
}

/// What becomes of one, and the row that takes it.
async fn judge(cx: &Ctx, tx: &mut Tx, one: &Stored) -> Result<(Found, Option<Certificate>), Error> {
    let not_after = certificate::read(&one.chain).ok().map(|facts| facts.not_after);
    let found = |fate, reason: &str| {
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        Found { host: one.host.clone(), fate, reason, not_after }
    };
    let host = match HostPattern::parse(&one.host) {
        Ok(host) => host,
        Err(wrong) => return Ok((found(Fate::Unfit, &format!("its name {}", wrong.message)), None)),
    };
    let Some(row) = mine(cx, tx, &host).await? else {
        let rule = "the host is no domain with HTTPS that you may configure: add it to an app first";
        return Ok((found(Fate::NoDomain, rule), None));
    };
    if !one.others.is_empty() {
        let rule =
            "it is for several hosts; here each has its own, which is ordered as soon as its name leads here";
        return Ok((found(Fate::Unfit, rule), None));
    }
    match certificate::check(&one.chain, &one.key, std::slice::from_ref(&host), cx.now()) {
        Err(wrong) => Ok((found(Fate::Unfit, &format!("it {}", wrong.message)), None)),
        Ok(facts) if row.is_valid(cx.now()) && row.not_after >= Some(facts.not_after) => {
            Ok((found(Fate::Kept, "what is here is valid as long"), None))
        }
        Ok(_) => Ok((found(Fate::Taken, ""), Some(row))),
    }
}

/// The row of a host that the caller may configure.
async fn mine(cx: &Ctx, tx: &mut Tx, host: &HostPattern) -> Result<Option<Certificate>, Error> {
    let may = match db::domain_name::owner(tx, cx.team(), host).await? {
        Some(owner) => cx.allow(Place::Environment(owner.environment), Right::Configure).is_ok(),
        None => cx.access.instance() && is_platform(tx, host).await?,
    };
    if may { Ok(db::acme::by_host(tx, host).await?) } else { Ok(None) }
}

async fn keep(cx: &Ctx, tx: &mut Tx, one: &Stored, mut row: Certificate) -> Result<(), Error> {
    let facts = certificate::read(&one.chain).map_err(|wrong| Error::wrong("text", wrong))?;
    let usual = Directory::parse(&row.directory).or_else(|_| Directory::parse(Directory::LETSENCRYPT));
    let directory = match &one.directory {
        Some(directory) => directory.clone(),
        None => usual.map_err(|wrong| Error::wrong("text", wrong))?,
    };
    let gained =
        Gained { directory, not_before: facts.not_before, not_after: facts.not_after, issuer: facts.issuer };
    let now = cx.now();
    settle::issued(&mut row, gained, None, cx.parts.clock.random(), now);
    if one.directory.is_some() {
        // Who gave it may have a wish for its renewal: it is asked within hours, not for all at once.
        let ask = now + Duration::seconds(i64::try_from(cx.parts.clock.random() % 21_600).unwrap_or(0));
        row.plan.ask_at = Some(ask);
        row.next_try_at = row.next_try_at.min(ask);
    }
    row.sealed_key = Some(cx.parts.seal.seal(&*cx.parts.clock, "certificate", one.key.expose().as_bytes()));
    row.chain = Some(one.chain.clone());
    db::acme::save(tx, &row).await?;
    Ok(())
}
