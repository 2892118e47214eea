//! Registers a passkey: the authenticator has made a key and answers the challenge.

use webauthn_rs::prelude::PasskeyRegistration;

use super::{
    Purpose, Registration,
    challenge::{ended, take},
    site,
};
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{Caller, reauthenticate::session_of},
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        id::PasskeyId,
        identity::Passkey,
        name::DisplayName,
    },
};

/// The longest credential id, bytes (WebAuthn, 5.8.3).
const LONGEST: usize = 1023;

/// Keeps the public half of the key.
///
/// # Errors
/// `passkey_ended` without a challenge of this person and browser; faults at `name`, and at `credential` for
/// an answer to another challenge, from another origin, for another host, or without its person known;
/// `passkey_known`; [`Error::Forbidden`] for a token.
pub async fn register(
    cx: &Ctx,
    caller: &Caller,
    cookie: Option<&str>,
    name: &str,
    answer: &Registration,
) -> Result<Passkey, Error> {
    session_of(caller)?;
    cx.allow_account()?;
    // A wrong name leaves the challenge as it is, so that the name alone is entered again.
    let name = DisplayName::parse(name).map_err(|wrong| Error::wrong("name", wrong))?;
    let (user, state) = take::<PasskeyRegistration>(&cx.parts, Purpose::Register, cookie).await?;
    if user != Some(cx.actor.user) {
        return Err(ended());
    }
    let site = site(&cx.parts).await?;
    let made = site.finish_passkey_registration(answer, &state).map_err(|why| {
        tracing::info!(%why, "A passkey was not registered");
        wrong()
    })?;
    if made.cred_id().len() > LONGEST {
        return Err(wrong());
    }
    let passkey = Passkey {
        id: PasskeyId::new(&*cx.parts.clock),
        user: cx.actor.user,
        credential: made.cred_id().to_vec(),
        name: name.to_string(),
        public: serde_json::to_string(&made).map_err(Error::internal)?,
        counter: 0,
        created_at: cx.now(),
        used_at: None,
    };
    let mut tx = cx.parts.db.write().await?;
    db::passkey::insert(&mut tx, &passkey).await.map_err(|error| {
        let rule = "this key is registered already; take another authenticator";
        if db::is_duplicate(&error) { Error::conflict("passkey_known", rule) } else { error.into() }
    })?;
    let object = Object::new("passkey", passkey.id, &passkey.name);
    audit::record(cx, &mut tx, Action::PasskeyAdd, object, Change::none()).await?;
    tx.commit().await?;
    Ok(passkey)
}

fn wrong() -> Error {
    let rule = "is no answer to what was asked: made for another address or question, or without a PIN or finger; \
                begin anew";
    Error::wrong("credential", Wrong::coded("wrong_passkey", rule))
}
