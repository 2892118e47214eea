//! Obtains or renews one certificate: one order, and whatever comes of it is written down with
//! the CA's own words. What we have is served on while a new one is not there.

use async_trait::async_trait;

use crate::{
    acme::{
        Account, AcmeError, Challenges, Directory, Kind, backoff,
        dns::{self, Leads},
        renew_at,
    },
    bus::Hint,
    db,
    deploy::{parts::Parts, run::Stop},
    domain::{
        certificate::{Certificate, State},
        clock::Time,
        domain_name::Hostname,
        name::Email,
    },
};

/// Places one order, unless the certificate is not due any more.
///
/// # Errors
/// [`Stop::Retry`] while the database does not answer.
pub(super) async fn run(parts: &Parts, host: &str) -> Result<(), Stop> {
    let Ok(host) = Hostname::parse(host) else { return Ok(()) };
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let Some(mut row) = db::acme::by_host(&mut tx, &host).await? else { return Ok(()) };
    let email = db::setting::get(&mut tx, "acme_email").await?;
    let directory = db::setting::get(&mut tx, "acme_directory").await?;
    drop(tx);
    if row.next_try_at > now {
        return Ok(());
    }
    row.directory = directory.unwrap_or_else(|| parts.instance.acme_directory.clone());
    row.tried_at = Some(now);
    if let Some(why) = elsewhere(parts, &host).await {
        row.state = if row.chain.is_some() { row.state } else { State::PendingDns };
        row.reason = Some(why);
        row.next_try_at = now + chrono::Duration::minutes(1);
        return save(parts, &row).await;
    }
    let email = email.or_else(|| parts.instance.acme_email.clone()).and_then(|text| Email::parse(&text).ok());
    match order(parts, &row, email.as_ref()).await {
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
            row.next_try_at =
                backoff(u32::try_from(row.failures).unwrap_or(u32::MAX), error.retry_after, now);
            tracing::warn!(%host, %error, "No certificate for {host}");
            row.reason = Some(error.to_string());
        }
    }
    save(parts, &row).await
}

async fn save(parts: &Parts, row: &Certificate) -> Result<(), Stop> {
    let mut tx = parts.db.write().await?;
    db::acme::save(&mut tx, row).await?;
    tx.commit().await?;
    parts.bus.publish(Hint::Edge).await;
    Ok(())
}

/// Why no order is placed now: the host leads elsewhere.
async fn elsewhere(parts: &Parts, host: &Hostname) -> Option<String> {
    if parts.instance.public_addresses.is_empty() {
        return None;
    }
    match dns::leads(&*parts.resolver, host, &parts.instance.public_addresses).await {
        Leads::Here | Leads::Unknown(_) => None,
        Leads::Nowhere => Some("the name has no address yet: point its A record to this instance".to_owned()),
        Leads::Elsewhere(addresses) => {
            Some(format!("the name leads to {addresses:?}, not to this instance: change its A record"))
        }
    }
}

async fn order(
    parts: &Parts,
    row: &Certificate,
    email: Option<&Email>,
) -> Result<crate::acme::Issued, AcmeError> {
    let directory =
        Directory::parse(&row.directory).map_err(|wrong| ours(Kind::NotADirectory, wrong.message))?;
    let account = account(parts, &directory, email).await?;
    parts.issuer.issue(&account, &row.host, &Stored(parts.clone())).await
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

/// Challenges in SQL: any replica can answer them.
struct Stored(Parts);

#[async_trait]
impl Challenges for Stored {
    async fn put(
        &self,
        token: &str,
        key_authorization: &str,
        host: &Hostname,
        expires: Time,
    ) -> Result<(), String> {
        let write = async {
            let mut tx = self.0.db.write().await?;
            db::acme::put_challenge(&mut tx, token, key_authorization, host.as_str(), expires).await?;
            tx.commit().await
        };
        write.await.map_err(|e| e.to_string())
    }

    async fn remove(&self, token: &str) -> Result<(), String> {
        let write = async {
            let mut tx = self.0.db.write().await?;
            db::acme::remove_challenge(&mut tx, token).await?;
            tx.commit().await
        };
        write.await.map_err(|e| e.to_string())
    }
}
