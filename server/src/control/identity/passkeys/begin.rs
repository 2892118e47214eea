//! Begins to register a passkey: whoever asks shows once more who they are, and gets what the browser asks an
//! authenticator for.

use super::{Asked, Purpose, challenge::keep, site};
use crate::{
    control::{
        Ctx, Error,
        identity::{
            Caller,
            reauthenticate::{reauthenticate, show_code},
        },
    },
    db,
    domain::secret::Secret,
};

/// Passkeys of one person at most.
const COUNT: usize = 20;

/// Asks for a key that the authenticator can find by itself, so that it signs in without a name, and that it
/// uses only after it knew its person.
///
/// # Errors
/// [`Error::Reauthenticate`] for a wrong password, and, with two-factor sign-in, for a wrong code;
/// `no_public_name`; `quota`; [`Error::Busy`] after too many tries; [`Error::Forbidden`] for a token.
pub async fn begin(
    cx: &Ctx,
    caller: &Caller,
    password: &Secret,
    code: Option<&Secret>,
) -> Result<Asked, Error> {
    let user = reauthenticate(cx, caller, password).await?;
    let mut tx = cx.parts.db.read().await?;
    let had = db::passkey::of_person(&mut tx, user.id).await?;
    let two_factor = db::two_factor::is_on(&mut tx, user.id).await?;
    drop(tx);
    if had.len() >= COUNT {
        return Err(Error::conflict("quota", format!("you have {COUNT} passkeys; remove one first")));
    }
    let site = site(&cx.parts).await?;
    let known = had.into_iter().map(|passkey| passkey.credential).collect();
    let email = user.email.as_str();
    let begun = site.start_passkey_registration(user.id.uuid(), email, email, Some(known));
    let (asked, state) = begun.map_err(Error::internal)?;
    let mut options = serde_json::to_value(&asked.public_key).map_err(Error::internal)?;
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    // A passkey is both factors: who has two shows both before they make another one.
    let mut tx = if two_factor {
        show_code(cx, caller, code.unwrap_or(&Secret::new(""))).await?
    } else {
        cx.parts.db.write().await?
    };
    let cookie = keep(&cx.parts, &mut tx, Purpose::Register, Some(user.id), &state).await?;
    tx.commit().await?;
    Ok(Asked { options, cookie })
}
