//! Begins to turn two-factor sign-in on. Nothing is asked for yet.

use crate::{
    control::{
        Ctx, Error,
        identity::{Caller, reauthenticate::reauthenticate},
        settings,
    },
    db,
    domain::{secret::Secret, totp::TotpKey},
};

/// What the authenticator app is given; told this once.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret as people type it.
    pub key: Secret,
    /// The same as apps read it from a QR code: `otpauth://totp/…`.
    pub uri: Secret,
}

/// Makes a secret, in the place of one that was begun before.
///
/// # Errors
/// [`Error::Reauthenticate`] for a wrong password; `two_factor_on`; [`Error::Busy`] after too many
/// tries; [`Error::Forbidden`] for a token.
pub async fn begin(cx: &Ctx, caller: &Caller, password: &Secret) -> Result<Enrolment, Error> {
    let user = reauthenticate(cx, caller, password).await?;
    let url = settings::public_url(&cx.parts).await?;
    let issuer =
        url.as_ref().and_then(|url| url.host_str()).map_or("Skep".to_owned(), |host| format!("Skep {host}"));
    let clock = &*cx.parts.clock;
    let key = TotpKey::random(clock);
    let sealed = cx.parts.seal.seal(clock, "totp", key.bytes());
    let mut tx = cx.parts.db.write().await?;
    if !db::two_factor::begin(&mut tx, user.id, &sealed, cx.now()).await? {
        return Err(Error::conflict(
            "two_factor_on",
            "two-factor sign-in is on; turn it off first to use another app",
        ));
    }
    tx.commit().await?;
    Ok(Enrolment { uri: key.uri(&issuer, &user.email), key: key.text() })
}
