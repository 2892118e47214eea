//! Sends a browser to a provider. What it takes along (state, nonce, PKCE) is made of a cookie that it
//! alone keeps; of that the hash lies in SQL, for ten minutes and for one use.

use std::net::{IpAddr, Ipv6Addr};

use super::{ask, endpoint, refused};
use crate::{
    control::{Error, identity::digest},
    db,
    deploy::parts::Parts,
    domain::{
        id::{ProviderId, UserId},
        secret::Secret,
        sso::{Provider, SignOn},
    },
    sso::SsoError,
};

/// A browser must be back by then.
const PATIENCE: chrono::Duration = chrono::Duration::minutes(10);
/// So many of one network address are on their way at most.
const MOST: i64 = 100;
/// Whoever has to wait tries again after this, seconds.
const WAIT: u64 = 60;

/// Where a browser goes, and what it keeps.
#[derive(Debug)]
pub struct Begun {
    /// Where.
    pub to: url::Url,
    /// The cookie's value.
    pub cookie: Secret,
}

/// Sends somebody who is nobody yet.
///
/// # Errors
/// [`Error::NotFound`] of a provider that is not there or not enabled; [`Error::Busy`]; it does not answer.
pub async fn begin(parts: &Parts, id: ProviderId, next: &str, from: IpAddr) -> Result<Begun, Error> {
    let mut tx = parts.db.read().await?;
    let found = db::sso::provider(&mut tx, id).await?.filter(|provider| provider.enabled);
    drop(tx);
    let provider = found.ok_or(Error::NotFound("identity provider"))?;
    start(parts, &provider, None, next, from).await
}

pub(super) async fn start(
    parts: &Parts,
    provider: &Provider,
    person: Option<UserId>,
    next: &str,
    from: IpAddr,
) -> Result<Begun, Error> {
    let cookie = Secret::new(parts.clock.token());
    let ask = ask(parts, &cookie).await?;
    let (now, address) = (parts.clock.now(), network(from));
    let mut tx = parts.db.write().await?;
    db::sso::sweep(&mut tx, now).await?;
    if db::sso::begun_by(&mut tx, &address, now).await? >= MOST {
        return Err(Error::Busy(WAIT));
    }
    let begun = SignOn { provider: provider.id, person, next: next.to_owned() };
    db::sso::begin(&mut tx, &digest(cookie.expose()), &begun, (&address, now + PATIENCE)).await?;
    let at = endpoint(parts, &mut tx, provider).await?;
    tx.commit().await?;
    let to = parts.voucher.begin(&at, &ask).await.map_err(|error| match error {
        SsoError::Unreachable(_) => Error::Unavailable(format!("{error}; try again in a minute")),
        error => refused(&error),
    })?;
    Ok(Begun { to, cookie })
}

/// Of IPv6 the /64, which one person has.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
    }
}
