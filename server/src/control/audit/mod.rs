//! The audit log: what commands record, and how it is read, taken out and verified.
//!
//! A command says what it did in one line before its commit:
//! `audit::record(&cx, &mut tx, Action::AppScale, Object::app(&app), Change::of(&old, &new)).await?`.
//! What has no `Ctx` (a login, say) makes its [`Note`](crate::domain::audit::Note) itself.

mod asked;
mod export;
mod list;
mod retention;
mod verify;

pub use asked::Asked;
pub use export::export;
pub use list::{Page, list};
pub use retention::{retention, set_retention};
pub use verify::{Verified, key, verify};

use std::net::IpAddr;

use super::{
    Ctx, Error,
    identity::{self, Caller},
};
use crate::{
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        audit::{self, Action, Change, Doer, INSTANCE, Note, Object, Outcome, Who},
        clock::Time,
        id::{TeamId, UserId},
        identity::User,
        name::Email,
        right::Right,
    },
};

/// Which chain is asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// That of the caller's team.
    #[default]
    Team,
    /// That of the whole instance.
    Instance,
}

impl Chain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Team, Self::Instance];

    /// The name in API and pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Instance => "instance",
        }
    }

    /// Whose chain that is for this caller.
    #[must_use]
    pub const fn of(self, cx: &Ctx) -> TeamId {
        match self {
            Self::Team => cx.team(),
            Self::Instance => INSTANCE,
        }
    }
}

/// From where a caller asks, and by what, as the log has it.
#[must_use]
pub fn who(caller: Option<&Caller>, address: IpAddr, request: &str) -> Who {
    let means = match caller.map(|caller| caller.means) {
        None => audit::Means::None,
        Some(identity::Means::Session(id)) => audit::Means::Session(id),
        Some(identity::Means::Token(id)) => audit::Means::Token(id),
    };
    Who { means, address: Some(address), request: request.to_owned() }
}

/// Who acted, and what they are called: a person, or a service account.
#[must_use]
pub fn doer(id: UserId, user: Option<&User>) -> Doer {
    let called = user.map(|user| user.email.to_string()).unwrap_or_default();
    match user.and_then(|user| user.service) {
        Some(_) => Doer::Service(id, called),
        None => Doer::Person(id, called),
    }
}

/// Whether the caller may read a chain: the one place that decides it.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn readable(cx: &Ctx, chain: Chain) -> Result<(), Error> {
    match chain {
        Chain::Team => cx.allow_team(Right::Audit),
        Chain::Instance => cx.allow_instance(),
    }
}

/// Whether the caller may read any chain at all.
fn any(cx: &Ctx) -> Result<(), Error> {
    readable(cx, Chain::Team).or_else(|error| readable(cx, Chain::Instance).map_err(|_| error))
}

/// Records what a command did, in its own transaction, as the last thing before the commit: both are
/// there, or neither is.
///
/// # Errors
/// The database.
pub async fn record(
    cx: &Ctx,
    tx: &mut Tx,
    action: Action,
    object: Object,
    change: Change,
) -> Result<(), Error> {
    let user = db::identity::user(tx, cx.actor.user).await?;
    let note = Note {
        team: if action.of_instance() { INSTANCE } else { cx.team() },
        at: cx.now(),
        doer: doer(cx.actor.user, user.as_ref()),
        who: cx.who.clone(),
        action,
        outcome: Outcome::Done,
        object,
        change,
    };
    db::audit::append(tx, note).await?;
    Ok(())
}

/// Records what somebody did who has no [`Ctx`] yet: signed in, joined, was made; as [`record`].
///
/// # Errors
/// The database.
pub async fn record_of(
    parts: &Parts,
    tx: &mut Tx,
    (person, email): (UserId, &Email),
    (team, who): (TeamId, Who),
    action: Action,
    object: Object,
) -> Result<(), Error> {
    let note = Note {
        team,
        at: parts.clock.now(),
        doer: Doer::Person(person, email.to_string()),
        who,
        action,
        outcome: Outcome::Done,
        object,
        change: Change::none(),
    };
    db::audit::append(tx, note).await?;
    Ok(())
}

/// Records what was refused to somebody who has no [`Ctx`], with the code of the refusal; as [`record`].
///
/// # Errors
/// The database.
pub async fn refuse_of(
    parts: &Parts,
    tx: &mut Tx,
    user: &User,
    (team, who): (TeamId, Who),
    action: Action,
    (code, object): (&str, Object),
) -> Result<(), Error> {
    let note = Note {
        team,
        at: parts.clock.now(),
        doer: doer(user.id, Some(user)),
        who,
        action,
        outcome: Outcome::Refused(code.to_owned()),
        object,
        change: Change::none(),
    };
    db::audit::append(tx, note).await?;
    Ok(())
}

/// Records what was done on the machine itself, in the chain of the instance; as [`record`].
///
/// # Errors
/// The database.
pub async fn record_machine(tx: &mut Tx, at: Time, action: Action, object: Object) -> Result<(), Error> {
    let note = Note {
        team: INSTANCE,
        at,
        doer: Doer::Machine,
        who: Who::default(),
        action,
        outcome: Outcome::Done,
        object,
        change: Change::none(),
    };
    db::audit::append(tx, note).await?;
    Ok(())
}
