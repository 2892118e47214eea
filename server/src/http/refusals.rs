//! What was refused and is not written down yet: bounded in memory, for each network address, and for
//! each person, so that nobody can fill the log. What is left out is one entry that says how much.

use std::{net::IpAddr, sync::Mutex, time::Duration};

use axum::{
    extract::OptionalFromRequestParts,
    http::{Method, header, request::Parts},
};
use tokio_util::sync::CancellationToken;

use super::{State, auth::SignedInCaller};
use crate::{
    control::{
        audit::{self, who},
        identity::Caller,
    },
    db::{self, DbError},
    domain::{
        audit::{Action, Change, Doer, Flood, INSTANCE, LeftOut, Note, Object, Outcome},
        clock::Time,
    },
};

/// Entries of one address, and of one person, in a minute.
const MOST: u32 = 20;
/// Refusals that wait to be written.
const WAITING: usize = 1_024;
/// They wait so long.
const WAIT: Duration = Duration::from_secs(1);

/// A request that was refused.
pub(super) struct Refusal {
    pub(super) at: Time,
    pub(super) method: Method,
    /// The route's pattern; a page's own path.
    pub(super) route: String,
    /// What was tried, where nobody need be known.
    pub(super) open: Option<Action>,
    pub(super) code: String,
    pub(super) request: String,
    pub(super) address: IpAddr,
    /// The headers by which it is known who asked.
    pub(super) proof: Parts,
}

/// All that wait.
pub(super) struct Refusals(Mutex<Waiting>);

struct Waiting {
    queue: Vec<Refusal>,
    /// Refusals that there was no place for.
    dropped: u64,
    addresses: Flood<Refusal>,
    people: Flood<(Refusal, Option<Caller>)>,
}

impl Default for Refusals {
    fn default() -> Self {
        let (addresses, people) = (Flood::new(MOST), Flood::new(MOST));
        Self(Mutex::new(Waiting { queue: Vec::new(), dropped: 0, addresses, people }))
    }
}

impl Refusals {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes one in, to be written soon.
    pub(super) fn take(&self, state: &State, refusal: Refusal) {
        let headers = &refusal.proof.headers;
        let shows = headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE);
        // A stranger who shows nothing is nobody's caller.
        if refusal.open.is_none() && !shows {
            return;
        }
        let mut waiting = self.waiting();
        let (subject, now) = (subject(refusal.address), state.parts.clock.now());
        if let Some(refusal) = waiting.addresses.admit(&subject, refusal, now) {
            if waiting.queue.len() < WAITING {
                waiting.queue.push(refusal);
            } else {
                waiting.dropped += 1;
            }
        }
    }
}

/// Of IPv6 the /64, which one person has.
fn subject(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
    }
}

/// Writes what waits, each second until `until`, and then the rest.
pub async fn keep_refusals(state: State, until: CancellationToken) {
    loop {
        tokio::select! {
            () = until.cancelled() => break,
            () = tokio::time::sleep(WAIT) => {}
        }
        flush_refusals(&state, false).await;
    }
    flush_refusals(&state, true).await;
}

/// Writes what waits; at the end also how much of the minutes that are not over was left out.
pub async fn flush_refusals(state: &State, end: bool) {
    let now = state.parts.clock.now();
    let (queue, left, dropped) = {
        let mut waiting = state.refusals.waiting();
        let left = waiting.addresses.over(now, end);
        (std::mem::take(&mut waiting.queue), left, std::mem::take(&mut waiting.dropped))
    };
    let mut notes = Vec::new();
    for refusal in queue {
        let caller = caller(&refusal, state).await;
        if caller.is_none() && refusal.open.is_none() {
            continue;
        }
        let admitted = match &caller {
            None => Some((refusal, caller)),
            Some(known) => {
                let subject = known.actor.user.to_string();
                state.refusals.waiting().people.admit(&subject, (refusal, caller), now)
            }
        };
        if let Some((refusal, caller)) = admitted {
            notes.push((note(&refusal, caller.as_ref(), 0), caller));
        }
    }
    for LeftOut { last, count } in left {
        let caller = caller(&last, state).await;
        if caller.is_some() || last.open.is_some() {
            notes.push((note(&last, caller.as_ref(), count), caller));
        }
    }
    let people = state.refusals.waiting().people.over(now, end);
    notes.extend(people.into_iter().map(|left| {
        let (refusal, caller) = left.last;
        (note(&refusal, caller.as_ref(), left.count), caller)
    }));
    if dropped > 0 {
        notes.push((overflow(now, dropped), None));
    }
    let count = notes.len();
    if count > 0
        && let Err(error) = write(state, notes).await
    {
        tracing::warn!(%error, count, "Refused requests could not be written to the audit log");
    }
}

/// Who asked, if they are known. A database that does not answer knows nobody.
async fn caller(refusal: &Refusal, state: &State) -> Option<Caller> {
    let mut parts = refusal.proof.clone();
    let found =
        <SignedInCaller as OptionalFromRequestParts<State>>::from_request_parts(&mut parts, state).await;
    found.ok().flatten().map(|known| known.caller)
}

fn note(refusal: &Refusal, caller: Option<&Caller>, left_out: u64) -> Note {
    let change = match left_out {
        0 => Change::none(),
        count => Change::made(&serde_json::json!({"left_out": count})),
    };
    Note {
        team: caller.map_or(INSTANCE, |caller| caller.actor.team),
        at: refusal.at,
        // The name is found when it is written.
        doer: caller.map_or(Doer::Nobody, |caller| Doer::Person(caller.actor.user, String::new())),
        who: who(caller, refusal.address, &refusal.request),
        action: refusal.open.unwrap_or(Action::Request),
        outcome: Outcome::Refused(refusal.code.clone()),
        object: Object::route(refusal.method.as_str(), &refusal.route),
        change,
    }
}

fn overflow(at: Time, count: u64) -> Note {
    Note {
        team: INSTANCE,
        at,
        doer: Doer::Nobody,
        who: crate::domain::audit::Who::default(),
        action: Action::Request,
        outcome: Outcome::Refused("too_many".to_owned()),
        object: Object::instance(),
        change: Change::made(&serde_json::json!({"left_out": count})),
    }
}

async fn write(state: &State, mut notes: Vec<(Note, Option<Caller>)>) -> Result<(), DbError> {
    // Teams in one order and the instance last, as everywhere: two writers never wait for each other.
    notes.sort_by_key(|(note, _)| (note.team == INSTANCE, note.team));
    let mut tx = state.parts.db.behind().write().await?;
    for (mut note, caller) in notes {
        if let Some(caller) = caller {
            let user = db::identity::user(&mut tx, caller.actor.user).await?;
            note.doer = audit::doer(caller.actor.user, user.as_ref());
        }
        db::audit::append(&mut tx, note).await?;
    }
    tx.commit().await
}
