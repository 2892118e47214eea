//! Begins to sign in with a passkey: what the browser asks an authenticator.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{Asked, Purpose, challenge::keep, site};
use crate::{
    control::{
        Error,
        identity::{
            digest,
            second_step::ended,
            throttle::{Subject, count},
        },
    },
    db,
    deploy::parts::Parts,
    domain::identity::Passkey,
};

/// Which step of signing in it is.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// The only one.
    Only,
    /// The second, with what the first one gave the browser.
    Second(Option<&'a str>),
}

/// Asks for any passkey of this instance; as the second step for one of the person who showed the password.
///
/// It counts as a try: each is answered once, so nobody tries more answers than they may ask for.
///
/// # Errors
/// `no_public_name`; [`Error::Busy`] after too many tries; as the second step also `second_factor_ended`, and
/// `no_passkey` for somebody who has none.
pub async fn begin_sign_in(parts: &Parts, from: IpAddr, step: Step<'_>) -> Result<Asked, Error> {
    let site = site(parts).await?;
    let (asked, state) = site.start_discoverable_authentication().map_err(Error::internal)?;
    let mut options = serde_json::to_value(&asked.public_key).map_err(Error::internal)?;
    let mut tx = parts.db.write().await?;
    let (user, provider) = match step {
        Step::Only => (None, None),
        Step::Second(shown) => {
            let hash = digest(shown.ok_or_else(ended)?);
            let (user, provider) =
                db::two_factor::pending(&mut tx, &hash, parts.clock.now()).await?.ok_or_else(ended)?;
            (Some(user), provider)
        }
    };
    if let Some(user) = user {
        let known = db::passkey::of_person(&mut tx, user).await?;
        if known.is_empty() {
            let rule = "you have no passkey here: enter a code of your app, or a recovery code";
            return Err(Error::conflict("no_passkey", rule));
        }
        let id = |passkey: &Passkey| URL_SAFE_NO_PAD.encode(&passkey.credential);
        options["allowCredentials"] =
            known.iter().map(|passkey| json!({"type": "public-key", "id": id(passkey)})).collect();
    }
    count(&mut tx, &[Subject::address(from)], parts.clock.now()).await?;
    let cookie = keep(parts, &mut tx, Purpose::SignIn, user, &(provider, state)).await?;
    tx.commit().await?;
    Ok(Asked { options, cookie })
}
