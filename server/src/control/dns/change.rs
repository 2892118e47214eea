//! Changes a DNS provider: its zones, its settings, its credentials.

use serde_json::json;

use super::{checked, object, sealed, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        dns_provider::{DnsProvider, Settings},
        fault::Wrong,
        id::DnsProviderId,
        right::Right,
        secret::Secret,
        store::Login,
    },
};

/// What is to be changed; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// The zones there that it is for.
    pub zones: Option<Vec<String>>,
    /// How it is asked, of the same kind.
    pub settings: Option<Settings>,
    /// As [`NewProvider::login_id`](super::NewProvider), and the secret with it.
    pub login: Option<(String, Secret)>,
}

/// Changes a provider. Credentials stay as long as they are sent to where they were given for.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; every wrong field at once; another kind; another address
/// without credentials.
pub async fn change(cx: &Ctx, id: DnsProviderId, changed: Changed) -> Result<DnsProvider, Error> {
    let mut tx = cx.parts.db.write().await?;
    let before = cx.dns_provider(&mut tx, id, Right::Credentials).await?;
    let settings = changed.settings.unwrap_or_else(|| before.settings.clone());
    if settings.kind() != before.settings.kind() {
        let rule = format!("must stay `{}`: name another provider for another kind", before.settings.kind());
        return Err(Error::wrong("settings.kind", Wrong::new(rule)));
    }
    let anew = changed.login.is_some();
    let login = match changed.login {
        Some((id, secret)) => Login::new(&id, secret.expose()),
        None => {
            if settings.endpoint().ok() != before.settings.endpoint().ok() {
                let rule = "must be given anew, as it would be sent to another address than it was given for";
                return Err(Error::wrong("login.secret", Wrong::new(rule)));
            }
            let plain = cx.parts.seal.open_text("dns provider", &before.sealed).ok();
            let rule = "must be given anew, as the one that is kept cannot be read";
            plain
                .and_then(|plain| Login::read(&plain))
                .ok_or_else(|| vec![Wrong::new(rule).at("login.secret")])
        }
    };
    let zones = changed.zones.unwrap_or_else(|| before.zones.iter().map(ToString::to_string).collect());
    let (zones, login) = checked(cx, &settings, &zones, login)?;
    let provider = DnsProvider { zones, settings, sealed: sealed(cx, &login), ..before.clone() };
    if !db::dns_provider::change(&mut tx, &provider).await? {
        return Err(Error::NotFound("DNS provider"));
    }
    let (mut was, mut is) = (told(&before), told(&provider));
    if anew {
        (was["credentials"], is["credentials"]) = (json!("before"), json!("anew"));
    }
    let change = Change::of(&was, &is);
    audit::record(cx, &mut tx, Action::DnsProviderChange, object(&provider), change).await?;
    tx.commit().await?;
    Ok(provider)
}
