//! Signs in with a passkey: the authenticator has signed the challenge, and knew its person. That is both
//! factors, so no code is asked for.

use std::net::IpAddr;

use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey as Key, WebauthnError};

use super::{Assertion, Purpose, challenge::take, site};
use crate::{
    control::{
        Error, audit,
        identity::{
            second_step::through,
            session::{SignedIn, begin_through, end_old},
            throttle::{Subject, clear},
        },
    },
    db,
    deploy::parts::Parts,
    domain::{
        audit::{Action, INSTANCE, Object, Who},
        id::ProviderId,
        identity::Passkey,
    },
};

/// A try to sign in.
#[derive(Debug)]
pub struct PasskeySignIn<'a> {
    /// What the browser was given with the question.
    pub cookie: Option<&'a str>,
    /// What the authenticator answers.
    pub answer: &'a Assertion,
    /// Where it comes from.
    pub from: IpAddr,
    /// The browser's own words about itself.
    pub agent: &'a str,
    /// The cookie that the browser has from an earlier session: it counts no longer.
    pub old: Option<&'a str>,
}

/// Signs in, with a new session.
///
/// # Errors
/// `passkey_ended` without a challenge of this browser; `wrong_passkey`, the same for an unknown key, somebody
/// else's, and a wrong answer; `passkey_copied` if the key counts back, which is in the audit log, too.
pub async fn sign_in(parts: &Parts, try_: PasskeySignIn<'_>) -> Result<SignedIn, Error> {
    type State = (Option<ProviderId>, DiscoverableAuthentication);
    let (bound, (provider, state)) = take::<State>(parts, Purpose::SignIn, try_.cookie).await?;
    let site = site(parts).await?;
    let named = site.identify_discoverable_authentication(try_.answer);
    let (user, credential) = named.map_err(|why| wrong(&why))?;
    let mut tx = parts.db.read().await?;
    let found = db::passkey::by_credential(&mut tx, credential).await?;
    drop(tx);
    // The authenticator says whose key it is; as the second step it is that of whoever showed the password.
    let fits = |one: &Passkey| one.user.uuid() == user && bound.is_none_or(|bound| bound == one.user);
    let passkey = found.filter(fits).ok_or_else(|| wrong(&WebauthnError::CredentialNotFound))?;
    let mut key: Key = serde_json::from_str(&passkey.public).map_err(Error::internal)?;
    let answered = match site.finish_discoverable_authentication_v2(try_.answer, state, &key) {
        Ok(answered) => answered,
        Err(WebauthnError::CredentialPossibleCompromise) => {
            return Err(copied(parts, &passkey, try_.from).await);
        }
        Err(why) => return Err(wrong(&why)),
    };
    if is_framed(try_.answer) {
        return Err(wrong(&WebauthnError::CredentialCrossOrigin));
    }
    key.update_credential(&answered);
    let public = serde_json::to_string(&key).map_err(Error::internal)?;

    let (mut tx, now) = (parts.db.write().await?, parts.clock.now());
    if !db::passkey::use_passkey(&mut tx, passkey.id, &public, answered.counter().into(), now).await? {
        drop(tx);
        return Err(copied(parts, &passkey, try_.from).await);
    }
    let user = db::identity::user(&mut tx, passkey.user).await?;
    let user = user.ok_or_else(|| wrong(&WebauthnError::CredentialNotFound))?;
    clear(&mut tx, &[Subject::address(try_.from)]).await?;
    db::two_factor::end_pending(&mut tx, user.id).await?;
    end_old(parts, &mut tx, try_.old).await?;
    // After the word of a provider it is a session by that word.
    let through = through(&mut tx, provider).await?;
    let signed_in = begin_through(parts, &mut tx, user, try_.agent, through).await?;
    signed_in.record(parts, &mut tx, try_.from).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Whether the page that asked was within one of another site. What was signed says so; `webauthn-rs` 0.6 looks
/// at it when a key is made, and not when it signs.
fn is_framed(answer: &Assertion) -> bool {
    let client: Option<serde_json::Value> = serde_json::from_slice(&answer.response.client_data_json).ok();
    client.is_none_or(|client| client["crossOrigin"] == true)
}

/// One answer for all that is wrong: a stranger learns nothing of who has which key.
fn wrong(why: &WebauthnError) -> Error {
    tracing::info!(%why, "A passkey was refused");
    Error::Unauthenticated {
        code: "wrong_passkey",
        message: "this passkey does not sign in here; take another one, or sign in with your password"
            .to_owned(),
    }
}

/// A counter that goes back is that of a copy, of the key or of the authenticator: somebody has to know.
async fn copied(parts: &Parts, passkey: &Passkey, from: IpAddr) -> Error {
    match noted(parts, passkey, from).await {
        Err(error) => error,
        Ok(()) => Error::Unauthenticated {
            code: "passkey_copied",
            message:
                "this passkey counts less uses than it had, as a copy of it does: sign in another way, and \
                      remove it"
                    .to_owned(),
        },
    }
}

async fn noted(parts: &Parts, passkey: &Passkey, from: IpAddr) -> Result<(), Error> {
    let mut tx = parts.db.write().await?;
    let user = db::identity::user(&mut tx, passkey.user).await?.ok_or(Error::NotFound("person"))?;
    let team = db::team::of_person(&mut tx, user.id).await?.first().map_or(INSTANCE, |team| team.id);
    let who = Who { address: Some(from), ..Who::default() };
    let object = Object::new("passkey", passkey.id, &passkey.name);
    audit::refuse_of(parts, &mut tx, &user, (team, who), Action::PasskeyUse, ("passkey_copied", object))
        .await?;
    tx.commit().await?;
    Ok(())
}
