//! The account at a directory: made at the first order, kept sealed.

use super::case::Case;
use crate::{
    acme::{Account, AcmeError, Directory, External, Kind},
    db::{self, DbError},
    deploy::parts::Parts,
    domain::name::Email,
};

/// The account; a new one if there is none.
pub(super) async fn account(parts: &Parts, case: &Case, directory: &Directory) -> Result<Account, AcmeError> {
    let database = |e: DbError| ours(format!("the database does not answer: {e}"));
    let mut tx = parts.db.read().await.map_err(database)?;
    let known = db::acme::account(&mut tx, directory.as_str()).await.map_err(database)?;
    drop(tx);
    if let Some(sealed) = known {
        let text = parts.seal.open_text("acme account", &sealed).map_err(|e| ours(e.to_string()))?;
        return Ok(Account(text));
    }
    let email = case.email.as_ref();
    let account = parts.issuer.register(directory, email, external(parts, case, directory)?.as_ref()).await?;
    let sealed = parts.seal.seal(&*parts.clock, "acme account", account.0.expose().as_bytes());
    let mut tx = parts.db.write().await.map_err(database)?;
    db::acme::put_account(&mut tx, directory.as_str(), email.map(Email::as_str), &sealed, parts.clock.now())
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(account)
}

/// The key by which the CA knows us already, if the owner entered one.
fn external(parts: &Parts, case: &Case, directory: &Directory) -> Result<Option<External>, AcmeError> {
    let listed = case.listed.iter().find(|listed| listed.address == *directory);
    let Some((id, sealed)) =
        listed.and_then(|listed| listed.external_key.as_ref().zip(listed.sealed_hmac.as_ref()))
    else {
        return Ok(None);
    };
    let hmac = parts.seal.open_text("acme key", sealed).map_err(|e| ours(e.to_string()))?;
    Ok(Some(External { id: id.clone(), hmac }))
}

/// An error that is no CA's.
fn ours(message: String) -> AcmeError {
    AcmeError::new(Kind::Account, message)
}
