//! One request: who asks, what they may do, and what there is to answer with.

use std::{net::IpAddr, sync::Arc};

use super::{audit, identity::Caller};
use crate::{
    deploy::parts::Parts,
    domain::{audit::Who, clock::Time, id::TeamId, identity::Actor, right::Access, sso::Through},
};

/// Who asks, what they may do, and what there is to answer with.
#[derive(Clone)]
pub struct Ctx {
    /// The outside worlds.
    pub parts: Parts,
    /// Who asks.
    pub actor: Actor,
    /// What they may do in their team, as it was when the request came.
    pub access: Arc<Access>,
    /// By whose word they are signed in.
    pub through: Option<Through>,
    /// Their team does not show itself to this session: it wants the word of a provider of its own.
    pub closed: bool,
    /// From where they ask, and by what: for the audit log.
    pub who: Who,
}

impl Ctx {
    /// The request of a caller: from an address, with the id by which the server's log knows it.
    #[must_use]
    pub fn new(parts: Parts, caller: &Caller, address: IpAddr, request: &str) -> Self {
        let who = audit::who(Some(caller), address, request);
        let access = Arc::clone(&caller.access);
        Self { parts, actor: caller.actor, access, through: caller.through, closed: caller.closed, who }
    }

    /// The team that every query of this request is bound to.
    #[must_use]
    pub const fn team(&self) -> TeamId {
        self.actor.team
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.parts.clock.now()
    }
}
