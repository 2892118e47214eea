//! Certificates of all hosts, and the directories that they come from.

use async_trait::async_trait;
use skep_web::api::{
    self, AppId, CertificateLine, CertificateStanding, CertificatesView, DirectoriesView, DirectoryLimits,
    DirectoryLine, NewDirectory, Result, Secret,
};

use super::{
    Web,
    fields::{id, time},
};
use crate::{
    acme::{
        Directory, KeyType,
        budget::Limits,
        choice::Listed,
        standing::{Standing, advice},
    },
    control::{
        Ctx, Error, certificates,
        directories::{self, Changed},
        settings,
    },
    domain::{
        certificate::Certificate,
        clock::Time,
        fault::Wrong,
        id::{CertificateId, DirectoryId},
        secret,
    },
};

const fn standing(standing: Standing) -> CertificateStanding {
    match standing {
        Standing::Pending => CertificateStanding::Pending,
        Standing::WaitingDns => CertificateStanding::WaitingDns,
        Standing::WaitingBudget => CertificateStanding::WaitingBudget,
        Standing::Ordering => CertificateStanding::Ordering,
        Standing::Issued => CertificateStanding::Issued,
        Standing::Renewing => CertificateStanding::Renewing,
        Standing::Failed => CertificateStanding::Failed,
        Standing::Expiring => CertificateStanding::Expiring,
    }
}

fn line(row: &Certificate, listed: &[Listed], now: Time) -> CertificateLine {
    let shown = Standing::of(row, now);
    let known = |address: &str| {
        let found = listed.iter().find(|listed| listed.address.as_str() == address);
        found.map(|listed| listed.name.clone()).or_else(|| Some(Directory::parse(address).ok()?.name()))
    };
    let directory = row.plan.chosen.as_ref().unwrap_or(&row.directory);
    let has = row.chain.is_some();
    CertificateLine {
        id: row.id.to_string(),
        host: row.host.to_string(),
        app: None,
        standing: standing(shown),
        directory: known(directory).unwrap_or_else(|| directory.clone()),
        chosen: row.plan.chosen.is_some(),
        issuer: row.plan.issuer.clone(),
        expires_at: row.not_after.filter(|_| has).map(time),
        tried_at: row.tried_at.map(time),
        next_try_at: (shown != Standing::Issued).then(|| time(row.next_try_at)),
        renew_at: row.plan.renew_at.filter(|_| shown == Standing::Issued).map(time),
        explanation: row.plan.explanation.clone(),
        reason: row.reason.clone(),
        problem: row.plan.problem.clone(),
        advice: advice(row).map(str::to_owned),
        may: false,
    }
}

/// What needs somebody comes first.
const fn rank(row: &CertificateLine) -> u8 {
    match row.standing {
        CertificateStanding::Expiring => 0,
        CertificateStanding::Failed => 1,
        CertificateStanding::WaitingDns => 2,
        CertificateStanding::WaitingBudget => 3,
        CertificateStanding::Pending | CertificateStanding::Ordering => 4,
        CertificateStanding::Issued | CertificateStanding::Renewing => 5,
    }
}

async fn of_team(cx: &Ctx) -> std::result::Result<CertificatesView, Error> {
    let listed = directories::list(cx).await?;
    let mut lines = Vec::new();
    for mine in certificates::of_team(cx).await? {
        let app = mine.app.map(|app| AppId(app.to_string()));
        lines.push(CertificateLine { app, may: mine.may, ..line(&mine.row, &listed, cx.now()) });
    }
    lines.sort_by_key(rank);
    Ok(CertificatesView {
        certificates: lines,
        directories: listed.into_iter().map(|listed| listed.name).collect(),
    })
}

async fn of_instance(cx: &Ctx) -> std::result::Result<CertificatesView, Error> {
    let rows = certificates::of_instance(cx).await?;
    let listed = directories::list(cx).await?;
    let mut lines: Vec<_> = rows.iter().map(|row| line(row, &listed, cx.now())).collect();
    lines.sort_by_key(rank);
    Ok(CertificatesView { certificates: lines, directories: Vec::new() })
}

/// The limits that were entered over those that are known.
fn limits(given: DirectoryLimits, known: Limits) -> Limits {
    Limits {
        orders: given.orders.unwrap_or(known.orders),
        domain: given.domain.unwrap_or(known.domain),
        same: given.same.unwrap_or(known.same),
        failures: given.failures.unwrap_or(known.failures),
        at_once: given.at_once.unwrap_or(known.at_once),
    }
}

fn key(name: &str) -> std::result::Result<KeyType, Error> {
    if name.is_empty() {
        return Ok(KeyType::default());
    }
    let wrong = || Error::wrong("key_type", Wrong::new("must be one of the list"));
    KeyType::named(name).ok_or_else(wrong)
}

fn hidden(secret: &Secret) -> secret::Secret {
    secret::Secret::new(secret.expose())
}

async fn create(cx: &Ctx, new: NewDirectory) -> std::result::Result<Listed, Error> {
    let known = Directory::parse(new.address.trim()).map_or(Limits::OTHERS, |at| Limits::of(at.as_str()));
    let new = directories::NewDirectory {
        hmac: hidden(&new.hmac),
        key: key(&new.key_type)?,
        limits: Some(limits(new.limits, known)),
        name: new.name,
        address: new.address,
        backup: new.backup,
        external_key: new.external_key,
        profile: new.profile,
    };
    directories::create(cx, new).await
}

async fn change(cx: &Ctx, id: DirectoryId, new: NewDirectory) -> std::result::Result<Listed, Error> {
    cx.allow_instance()?;
    let known = directories::list(cx).await?.into_iter().find(|listed| listed.id == id);
    let known = known.ok_or(Error::NotFound("directory"))?;
    let hmac = hidden(&new.hmac);
    let external = !(new.external_key.is_empty() && hmac.expose().is_empty());
    let changed = Changed {
        name: Some(new.name).filter(|name| !name.trim().is_empty()),
        position: new.position,
        backup: Some(new.backup),
        external: external.then_some((new.external_key, hmac)),
        profile: Some(new.profile),
        key: Some(key(&new.key_type)?),
        limits: Some(limits(new.limits, known.limits)),
    };
    directories::change(cx, id, changed).await
}

#[async_trait]
impl api::Certificates for Web {
    async fn certificates(&self) -> Result<CertificatesView> {
        let cx = self.cx()?;
        of_team(&cx).await.map_err(|e| self.told(e))
    }

    async fn instance_certificates(&self) -> Result<CertificatesView> {
        let cx = self.cx()?;
        of_instance(&cx).await.map_err(|e| self.told(e))
    }

    async fn retry_one_certificate(&self, certificate: &str) -> Result<()> {
        let cx = self.cx()?;
        let certificate: CertificateId = id(certificate).map_err(|e| self.told(e))?;
        certificates::retry_one(&cx, certificate).await.map_err(|e| self.told(e))
    }

    async fn renew_certificate(&self, certificate: &str) -> Result<()> {
        let cx = self.cx()?;
        let certificate: CertificateId = id(certificate).map_err(|e| self.told(e))?;
        certificates::renew(&cx, certificate).await.map_err(|e| self.told(e))
    }

    async fn choose_directory(&self, certificate: &str, directory: &str) -> Result<()> {
        let cx = self.cx()?;
        let certificate: CertificateId = id(certificate).map_err(|e| self.told(e))?;
        certificates::choose(&cx, certificate, Some(directory)).await.map(drop).map_err(|e| self.told(e))
    }

    async fn directories(&self) -> Result<DirectoriesView> {
        let cx = self.cx()?;
        cx.allow_instance().map_err(|e| self.told(e))?;
        let set = settings::get(&cx.parts).await.map_err(|e| self.told(e))?.acme_directory;
        let listed = directories::list(&cx).await.map_err(|e| self.told(e))?;
        let name = Directory::parse(&set).map_or_else(|_| set.clone(), |directory| directory.name());
        let line = |listed: Listed| DirectoryLine {
            id: listed.id.to_string(),
            name: listed.name,
            address: listed.address.as_str().to_owned(),
            backup: listed.backup,
            external_key: listed.external_key,
            profile: listed.profile,
            key_type: listed.key.name().to_owned(),
            limits: DirectoryLimits {
                orders: Some(listed.limits.orders),
                domain: Some(listed.limits.domain),
                same: Some(listed.limits.same),
                failures: Some(listed.limits.failures),
                at_once: Some(listed.limits.at_once),
            },
        };
        Ok(DirectoriesView { first: (name, set), others: listed.into_iter().map(line).collect() })
    }

    async fn create_directory(&self, new: NewDirectory) -> Result<()> {
        let cx = self.cx()?;
        create(&cx, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn change_directory(&self, directory: &str, new: NewDirectory) -> Result<()> {
        let cx = self.cx()?;
        cx.allow_instance().map_err(|e| self.told(e))?;
        let directory: DirectoryId = id(directory).map_err(|e| self.told(e))?;
        change(&cx, directory, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn remove_directory(&self, directory: &str) -> Result<()> {
        let cx = self.cx()?;
        cx.allow_instance().map_err(|e| self.told(e))?;
        let directory: DirectoryId = id(directory).map_err(|e| self.told(e))?;
        directories::remove(&cx, directory).await.map_err(|e| self.told(e))
    }
}
