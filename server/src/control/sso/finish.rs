//! A browser comes back from a provider: it is known to be the one that was sent, the provider says who
//! it is, and only then somebody is made, connected or signed in. Whatever fails before makes nothing,
//! and stands in the log of the team, as the provider is.

use std::net::IpAddr;

use subtle::ConstantTimeEq as _;

use super::{admit, admit::Admitted, ask, endpoint, refused};
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{
            Entry, digest,
            session::{end_old, enter_through},
        },
    },
    db,
    deploy::parts::Parts,
    domain::{
        audit::{Action, Change, Doer, INSTANCE, Note, Object, Outcome, Who},
        id::UserId,
        name::Email,
        secret::Secret,
        sso::{Identity, Provider, SignOn},
    },
    sso::Vouched,
};

/// What a browser brings back.
#[derive(Debug)]
pub struct Back<'a> {
    /// The cookie that it was sent with.
    pub cookie: Option<&'a str>,
    /// What the provider gave back as it was.
    pub state: &'a str,
    /// By which the provider says who it is.
    pub code: &'a str,
    /// Why it does not, in its own words.
    pub error: Option<&'a str>,
    /// Who the provider says that it is (RFC 9207).
    pub issuer: Option<&'a str>,
    /// The network address.
    pub from: IpAddr,
    /// The browser's own words about itself.
    pub agent: &'a str,
    /// The session cookie that it has from before: it counts no longer.
    pub old: Option<&'a str>,
}

/// How it went.
#[derive(Debug)]
pub enum Finished {
    /// They are signed in, or show a code yet.
    SignedIn {
        /// How far.
        entry: Entry,
        /// Where they go on to.
        next: String,
    },
    /// The provider is connected to their account.
    Connected {
        /// Where they go on to.
        next: String,
    },
}

/// Signs somebody in by the word of a provider, or connects it to the account of `cx`.
///
/// # Errors
/// `sign_on_ended` for a browser that was not sent, or too long ago, or came back once; the provider's
/// words; each rule that its token breaks; the reason why they are not let in.
pub async fn finish(parts: &Parts, cx: Option<&Ctx>, back: Back<'_>) -> Result<Finished, Error> {
    let cookie = Secret::new(back.cookie.ok_or_else(ended)?);
    let ask = ask(parts, &cookie).await?;
    if !bool::from(ask.state.as_bytes().ct_eq(back.state.as_bytes())) {
        return Err(ended());
    }
    let mut tx = parts.db.write().await?;
    let begun = db::sso::come_back(&mut tx, &digest(cookie.expose()), parts.clock.now()).await?;
    let begun = begun.ok_or_else(ended)?;
    let provider = db::sso::provider(&mut tx, begun.provider).await?.ok_or_else(ended)?;
    let at = endpoint(parts, &mut tx, &provider).await?;
    tx.commit().await?;
    let done = async {
        check(&provider, &back)?;
        let vouched = parts.voucher.identify(&at, &ask, back.code, parts.clock.now()).await;
        let vouched = vouched.map_err(|error| refused(&error))?;
        match begun.person {
            Some(person) => connect(cx, person, &provider, &vouched, begun).await,
            None => sign_in(parts, &provider, &vouched, (&back, begun.next)).await,
        }
    };
    match done.await {
        Err(Error::Unauthenticated { code, message }) => {
            note(parts, &provider, back.from, code).await?;
            Err(Error::Unauthenticated { code, message })
        }
        done => done,
    }
}

/// Whether the provider says yes, and is the one that was asked.
fn check(provider: &Provider, back: &Back<'_>) -> Result<(), Error> {
    let no = |code, message: &str| Err(Error::Unauthenticated { code, message: message.to_owned() });
    if !provider.enabled {
        return no("provider_disabled", "this way to sign in was turned off");
    }
    // Another provider that pretends to be this one would get its code (RFC 9207).
    if back.issuer.is_some_and(|issuer| issuer != provider.issuer.as_str()) {
        return no("provider_mixed_up", "another provider answered than the one that was asked; begin anew");
    }
    match back.error {
        Some(error) => no("provider_refused", &format!("the provider says: {error}")),
        None if back.code.is_empty() => {
            no("provider_refused", "the provider sent you back without a code; begin anew")
        }
        None => Ok(()),
    }
}

async fn sign_in(
    parts: &Parts,
    provider: &Provider,
    vouched: &Vouched,
    (back, next): (&Back<'_>, String),
) -> Result<Finished, Error> {
    let mut tx = parts.db.write().await?;
    let admitted = match provider.team {
        Some(team) => admit::to_team(parts, &mut tx, (provider, team), vouched, back.from).await?,
        None => admit::to_instance(parts, &mut tx, provider, vouched, back.from).await?,
    };
    let user = match admitted {
        Admitted::In(user) => user,
        Admitted::Out(error) => {
            // What they lost is lost.
            tx.commit().await?;
            return Err(error);
        }
    };
    end_old(parts, &mut tx, back.old).await?;
    let entry = enter_through(parts, &mut tx, user, back.agent, Some(provider.through())).await?;
    if let Entry::SignedIn(signed_in) = &entry {
        signed_in.record(parts, &mut tx, back.from).await?;
    }
    tx.commit().await?;
    Ok(Finished::SignedIn { entry, next })
}

/// The provider knows whoever is signed in, from now on. They still are who began it.
async fn connect(
    cx: Option<&Ctx>,
    person: UserId,
    provider: &Provider,
    vouched: &Vouched,
    begun: SignOn,
) -> Result<Finished, Error> {
    let cx = cx.filter(|cx| cx.actor.user == person && cx.allow_account().is_ok()).ok_or_else(ended)?;
    let now = cx.now();
    let email = vouched.email.as_deref().and_then(|email| Email::parse(email).ok());
    let mut tx = cx.parts.db.write().await?;
    match db::sso::known(&mut tx, provider.id, &vouched.subject).await? {
        Some(known) if known.person == person => {
            db::sso::used(&mut tx, provider.id, &vouched.subject, email.as_ref(), now).await?;
        }
        Some(_) => {
            let message =
                "whom the provider knows by this sign-in has another account here: sign in to that one";
            return Err(Error::Unauthenticated { code: "identity_taken", message: message.to_owned() });
        }
        None => {
            // One name at each provider.
            db::sso::forget(&mut tx, provider.id, person).await?;
            let subject = vouched.subject.clone();
            let identity =
                Identity { provider: provider.id, subject, person, email, created_at: now, used_at: now };
            db::sso::know(&mut tx, &identity).await?;
        }
    }
    let object = Object::provider(provider);
    audit::record(cx, &mut tx, Action::IdentityConnect, object, Change::none()).await?;
    tx.commit().await?;
    Ok(Finished::Connected { next: begun.next })
}

/// Tells the team, or the instance, that somebody did not come in.
async fn note(parts: &Parts, provider: &Provider, from: IpAddr, code: &str) -> Result<(), Error> {
    let mut tx = parts.db.write().await?;
    let note = Note {
        team: provider.team.unwrap_or(INSTANCE),
        at: parts.clock.now(),
        doer: Doer::Nobody,
        who: Who { address: Some(from), ..Who::default() },
        action: Action::SessionBegin,
        outcome: Outcome::Refused(code.to_owned()),
        object: Object::provider(provider),
        change: Change::none(),
    };
    db::audit::append(&mut tx, note).await?;
    tx.commit().await?;
    Ok(())
}

fn ended() -> Error {
    let message = "this browser was not sent to a provider from here, or more than ten minutes ago, or came back \
                   once already; begin anew";
    Error::Unauthenticated { code: "sign_on_ended", message: message.to_owned() }
}
